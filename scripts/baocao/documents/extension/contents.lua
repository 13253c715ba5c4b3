-- HTML: a list of the headings, which the template puts beside the report.

local DEEPEST = 2

local function escaped(text)
  return (text:gsub('&', '&amp;'):gsub('<', '&lt;'):gsub('>', '&gt;'):gsub('"', '&quot;'))
end

local function words(inlines)
  local bare = inlines:walk { Note = function() return {} end }
  return escaped(pandoc.utils.stringify(bare))
end

function Pandoc(doc)
  if not FORMAT:match 'html' then return nil end
  local items = pandoc.List()
  doc.blocks:walk { Header = function(el)
    if el.level <= DEEPEST and el.identifier ~= '' then
      items:insert(('<li class="cap-%d"><a href="#%s">%s</a></li>'):format(el.level, escaped(el.identifier), words(el.content)))
    end
  end }
  if #items < 2 then return nil end
  local title = escaped(pandoc.utils.stringify(doc.meta['contents-title'] or 'Contents'))
  doc.meta['muc-luc'] = pandoc.MetaBlocks { pandoc.RawBlock('html',
    ('<nav class="muc-luc" aria-label="%s"><p>%s</p><ul>%s</ul></nav>'):format(title, title, table.concat(items))) }
  return doc
end
