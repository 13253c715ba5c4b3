-- Charts: `::: {.hinh #bd_x rong="150mm"}`, a picture without extension, a paragraph (caption).
-- `![Alternative text](hinh/bd_x)` is hinh/bd_x.png in Word, hinh/bd_x.svg in PDF and HTML.

local format = FORMAT:match 'html' and 'html' or FORMAT
local EXTENSION = { docx = '.png', typst = '.svg', html = '.svg' }

local function escaped(text)
  return (text:gsub('&', '&amp;'):gsub('<', '&lt;'):gsub('>', '&gt;'):gsub('"', '&quot;'))
end

local function quoted(text) -- a Typst string
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('%s+', ' ') .. '"'
end

local write = {}

function write.docx(c)
  local picture = pandoc.Image(c.alt, c.file, pandoc.utils.stringify(c.caption), pandoc.Attr('', {}, { width = c.width }))
  return {
    -- The empty raw inline keeps Quarto from taking the paragraph for a float.
    pandoc.Div(pandoc.Para { pandoc.RawInline('openxml', ''), pandoc.Span({ picture }, pandoc.Attr(c.id)) },
      pandoc.Attr('', {}, { ['custom-style'] = 'Chart' })),
    pandoc.Div(pandoc.Para(c.caption), pandoc.Attr('', {}, { ['custom-style'] = 'Chart caption' })),
  }
end

function write.typst(c)
  return {
    pandoc.RawBlock('typst', ('#report-chart(%s, %s, %s, ['):format(quoted(c.file), quoted(c.alt), c.width)),
    pandoc.Plain(c.caption),
    pandoc.RawBlock('typst', ('])<%s>'):format(c.id)),
  }
end

function write.html(c)
  return {
    pandoc.RawBlock('html', ('<figure class="hinh" id="%s"><img src="%s" alt="%s" style="width:%s"><figcaption>'):format(
      escaped(c.id), escaped(c.file), escaped(c.alt), escaped(c.width))),
    pandoc.Plain(c.caption),
    pandoc.RawBlock('html', '</figcaption></figure>'),
  }
end

local function hinh(div)
  if not div.classes:includes 'hinh' then return nil end
  local picture
  div.content[1]:walk { Image = function(el) picture = el end }
  local caption = div.content[2]
  assert(div.identifier ~= '' and picture and #div.content == 2 and caption.t == 'Para',
    'charts.lua: ' .. div.identifier .. ': expected an id, a picture and a paragraph (the caption)')
  local width = div.attributes.rong or '150mm'
  assert(width:match '^%d+%.?%d*mm$', 'charts.lua: ' .. div.identifier .. ': rong="' .. width .. '" is not in mm')
  local alt = picture.attributes.alt or pandoc.utils.stringify(picture.caption)
  assert(alt ~= '', 'charts.lua: ' .. div.identifier .. ' has no alternative text')
  local stem = picture.src:gsub('%.png$', ''):gsub('%.svg$', '')
  local file = stem .. EXTENSION[format]
  local handle = io.open(file, 'rb')
  assert(handle, 'charts.lua: ' .. div.identifier .. ': there is no ' .. file)
  handle:close()
  return write[format] { id = div.identifier, file = file, alt = alt, width = width, caption = caption.content }
end

function Pandoc(doc)
  if not write[format] then return nil end
  local pictures, charts = 0, 0
  doc:walk {
    Image = function() pictures = pictures + 1 end,
    Div = function(div) if div.classes:includes 'hinh' then charts = charts + 1 end end,
  }
  assert(pictures == charts, ('charts.lua: %d pictures in %d .hinh blocks'):format(pictures, charts))
  return doc:walk { Div = hinh }
end
