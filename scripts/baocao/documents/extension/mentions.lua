-- Mentions `[142.186]{#m_.. .so v=".." n=".."}` and citations `[..]{#c_.. .vb k=".."}`.
--   Word   bookmark of the id (pandoc makes it from the span); no content control, which shows on a click and which
--          python-docx leaves out of `paragraph.text`
--   Typst  the text alone
--   HTML   <data> and <cite>

local function escaped(text)
  return (text:gsub('&', '&amp;'):gsub('<', '&lt;'):gsub('>', '&gt;'):gsub('"', '&quot;'))
end

local function between(format, open, inlines, close)
  local result = pandoc.Inlines { pandoc.RawInline(format, open) }
  result:extend(inlines)
  result:insert(pandoc.RawInline(format, close))
  return result
end

local function mention(span)
  if FORMAT == 'docx' then
    return pandoc.Span(span.content, pandoc.Attr(span.identifier))
  elseif FORMAT:match 'html' then
    local open = ('<data id="%s" value="%s" data-v="%s">'):format(
      escaped(span.identifier), escaped(span.attributes.n or ''), escaped(span.attributes.v or ''))
    return between('html', open, span.content, '</data>')
  end
  return span.content
end

local function citation(span)
  if FORMAT == 'docx' then
    return pandoc.Span(span.content, pandoc.Attr(span.identifier))
  elseif FORMAT:match 'html' then
    local open = ('<cite id="%s" data-k="%s">'):format(
      escaped(span.identifier), escaped(span.attributes.k or ''))
    return between('html', open, span.content, '</cite>')
  end
  return span.content
end

local function span(el)
  local kind = el.classes:includes 'so' and mention or el.classes:includes 'vb' and citation
  if not kind then return nil end
  local text = pandoc.utils.stringify(el.content)
  assert(el.identifier ~= '', 'mentions.lua: "' .. text .. '" has no id')
  assert(text ~= '', 'mentions.lua: ' .. el.identifier .. ' prints nothing')
  return kind(el)
end

function Pandoc(doc) return doc:walk { Span = span } end
