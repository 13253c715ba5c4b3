"""
The command line: commands parse, call one function, show what came of it, and exit.

``app`` is the program with its global options, ``commands`` the commands by
stage of the flow, ``showing`` what people are shown of each result, ``help``
and ``faults`` the words of the parser itself, ``progress`` the bar.
"""
