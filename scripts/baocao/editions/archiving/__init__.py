"""Pack an issued edition for somebody outside, and open one."""
