-- Mentions `[142.186]{#m_.. .so v=".." n=".."}` and citations `[..]{#c_.. .vb k=".."}`.
--   Word   bookmark of the id (pandoc makes it from the span); a mention also gets a content control
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

-- With `w:text` LibreOffice keeps the alias but drops bold and italic of the runs, without it the
-- reverse: looks go first, the bookmark is the identity. The order of the children is the schema's.
local CONTROL = '<w:sdt><w:sdtPr><w:alias w:val="%s"/><w:tag w:val="%s"/>%s</w:sdtPr><w:sdtContent>'

local function mention(span)
  local id = escaped(span.identifier)
  if FORMAT == 'docx' then
    local kind = span.attributes.formatted and '' or '<w:text/>'
    local control = between('openxml', CONTROL:format(id, id, kind), span.content, '</w:sdtContent></w:sdt>')
    return pandoc.Span(control, pandoc.Attr(span.identifier))
  elseif FORMAT:match 'html' then
    local open = ('<data id="%s" value="%s" data-v="%s">'):format(
      id, escaped(span.attributes.n or ''), escaped(span.attributes.v or ''))
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
  assert(el.identifier ~= '', 'so.lua: "' .. text .. '" has no id')
  assert(text ~= '', 'so.lua: ' .. el.identifier .. ' prints nothing')
  return kind(el)
end

local function formatted(el)
  return el:walk { Span = function(inner) inner.attributes.formatted = '1'; return inner end }
end

function Pandoc(doc)
  if FORMAT == 'docx' then doc = doc:walk { Strong = formatted, Emph = formatted } end
  return doc:walk { Span = span }
end
