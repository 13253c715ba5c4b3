-- The page: typed lists, landscape parts, the last paragraph, annexes.
-- What a layout prints before and behind the text stands in the blocks `.report-head` and `.report-closing`.

local format = FORMAT:match 'html' and 'html' or FORMAT
local stringify = pandoc.utils.stringify

local function raw(text) return pandoc.RawBlock('openxml', text) end

local function styled(style, inlines)
  return pandoc.Div(pandoc.Para(inlines), pandoc.Attr('', {}, { ['custom-style'] = style }))
end

local function joined(prefix, inlines, suffix)
  local result = pandoc.Inlines(prefix)
  result:extend(inlines)
  if suffix then result:insert(pandoc.Str(suffix)) end
  return result
end

-- Lists as the administration writes them: paragraphs that begin with a dash, a plus, a number.
local function typed_lists(blocks, depth)
  local out = pandoc.Blocks {}
  local MARK = { '-', '+' }
  for _, block in ipairs(blocks) do
    if block.t == 'BulletList' or block.t == 'OrderedList' then
      for i, item in ipairs(block.content) do
        local mark = MARK[depth] or '-'
        if block.t == 'OrderedList' then
          local close = tostring(block.delimiter) == 'OneParen' and ')' or '.'
          mark = tostring(block.start + i - 1) .. close
        end
        if #item == 0 then item = { pandoc.Plain {} } end
        for j, inner in ipairs(typed_lists(item, depth + 1)) do
          if inner.t == 'Plain' or inner.t == 'Para' then
            local prefix = j == 1 and { pandoc.Str(mark), pandoc.Space() } or {}
            inner = pandoc.Para(joined(prefix, inner.content))
          end
          out:insert(inner)
        end
      end
    else
      out:insert(block)
    end
  end
  return out
end

-- Word -------------------------------------------------------------------------------------------

local SECTION = '<w:sectPr><w:headerReference w:type="default" r:id="rIdTrang"/>'
  .. '<w:headerReference w:type="first" r:id="rIdTrangDau"/><w:type w:val="nextPage"/>'
  .. '<w:pgSz w:w="%d" w:h="%d"%s/>'
  .. '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1701" w:header="567" w:footer="567" w:gutter="0"/>'
  .. '%s</w:sectPr>'

local function section(landscape, first, own)
  return SECTION:format(landscape and 16838 or 11906, landscape and 11906 or 16838,
    landscape and ' w:orient="landscape"' or '',
    (own and '<w:pgNumType w:start="1"/>' or '') .. (first and '<w:titlePg/>' or ''))
end

-- An empty paragraph without height; the one after a table is what Word asks for.
local function gap(before, more)
  return raw('<w:p><w:pPr><w:pStyle w:val="Ke"/><w:pBdr><w:top w:val="nil"/></w:pBdr>'
    .. ('<w:spacing w:before="%d"/>'):format(before) .. (more or '') .. '</w:pPr></w:p>')
end

local docx = {}

function docx.last(block) return { styled('Last paragraph', block.content) } end

function docx.turn(out, landscape, first)
  out:insert(gap(0, section(not landscape, first)))
end

-- Every annex is a section of its own, with pages of its own number; `upright` tells of the section before.
function docx.annexes(out, annexes, upright)
  for i, annex in ipairs(annexes) do
    out:insert(gap(0, i == 1 and section(false, upright) or section(true, true, true)))
    local at = 0
    for _, block in ipairs(annex.content) do
      if block.t == 'Header' then
        block = styled('Annex', block.content) -- its id is in a span already
      elseif block.t == 'Para' then
        at = at + 1
        block = styled(at == 1 and 'Annex title' or 'Annex document', block.content)
      end
      out:insert(block)
    end
  end
  out:insert(raw(#annexes == 0 and section(false, upright) or section(true, true, true)))
end

-- LibreOffice loses bookmarks that span a section, not those round the text of a heading.
function docx.heading(el)
  if el.identifier == '' then return nil end
  el.content = { pandoc.Span(el.content, pandoc.Attr(el.identifier)) }
  el.identifier = ''
  return el
end

-- HTML -------------------------------------------------------------------------------------------

local function div(class, content) return pandoc.Div(content, pandoc.Attr('', { class })) end

local html = {}

function html.last(block) return { block } end
function html.turn() end

-- The lines of an annex above its table: a heading, its title, what it is attached to.
local function lead(annex)
  local head, rest, at = pandoc.Blocks {}, pandoc.Blocks {}, 0
  for _, block in ipairs(annex.content) do
    if block.t == 'Para' then
      at = at + 1
      block = pandoc.Para { at == 1 and pandoc.Strong(block.content) or pandoc.Emph(block.content) }
    end
    if block.t == 'Para' or block.t == 'Header' then head:insert(block) else rest:insert(block) end
  end
  return head, rest
end

function html.annexes(out, annexes)
  for _, annex in ipairs(annexes) do
    local head, rest = lead(annex)
    local content = pandoc.Blocks { div('dau-phu-luc', head) }
    content:extend(rest)
    out:insert(div('phu-luc', content))
  end
end

-- Typst ------------------------------------------------------------------------------------------

local typst = {}

function typst.last(block)
  return { pandoc.RawBlock('typst', '#report-last['), block, pandoc.RawBlock('typst', ']') }
end

function typst.turn(out, landscape)
  out:insert(pandoc.RawBlock('typst', landscape and '#report-landscape[' or ']'))
end

function typst.annexes(out, annexes)
  for _, annex in ipairs(annexes) do
    local head, rest = lead(annex)
    out:insert(pandoc.RawBlock('typst', '#report-annex['))
    out:insert(pandoc.RawBlock('typst', '#report-annex-head['))
    out:extend(head)
    out:insert(pandoc.RawBlock('typst', ']'))
    out:extend(rest)
    out:insert(pandoc.RawBlock('typst', ']'))
  end
end

-- The text must stay as typed, but pandoc leaves some marks for Typst to read: ’ becomes straight,
-- -5 gets a minus, -? vanishes, a dash or a number at the head of a cell makes a list.
function typst.letters(el)
  return pandoc.RawInline('typst', (el.text:gsub('%p', '\\%0')))
end

-- Metadata that the template hands to functions as strings.
function typst.meta(meta)
  for _, key in ipairs { 'trace-hash', 'trace-file' } do
    if meta[key] then
      local text = stringify(meta[key]):gsub('\\', '\\\\'):gsub('"', '\\"')
      meta[key] = pandoc.MetaInlines { pandoc.RawInline('typst', '"' .. text .. '"') }
    end
  end
end

-- All --------------------------------------------------------------------------------------------

local layout = ({ docx = docx, html = html, typst = typst })[format]

-- Landscape parts that follow each other are one; the closing block is upright again.
local function parts(blocks)
  local out, landscape, first = pandoc.Blocks {}, false, true
  local function turn(to)
    if landscape == to then return end
    layout.turn(out, to, first)
    landscape, first = to, false
  end
  for _, block in ipairs(blocks) do
    local wide = block.t == 'Div' and block.classes:includes 'ngang'
    turn(wide)
    if wide and format ~= 'html' then out:extend(block.content) else out:insert(block) end
  end
  turn(false)
  return out, first
end

function Pandoc(doc)
  if not layout then return nil end
  if layout.meta then layout.meta(doc.meta) end
  doc = doc:walk { traverse = 'topdown', Blocks = function(blocks) return typed_lists(blocks, 1) end }
  doc = doc:walk { Header = layout.heading, Str = layout.letters }
  -- While user filters run, Quarto keeps its metadata in an empty hidden block; it is no paragraph of the text.
  local kept, head, closing, annexes, body = pandoc.List(), pandoc.Blocks {}, pandoc.Blocks {}, pandoc.List(), pandoc.Blocks {}
  for _, block in ipairs(doc.blocks) do
    local classes = block.t == 'Div' and block.classes or pandoc.List()
    if classes:includes 'report-head' then head:extend(block.content)
    elseif classes:includes 'report-closing' then closing:extend(block.content)
    elseif classes:includes 'hidden' then kept:insert(block)
    elseif classes:includes 'phu-luc' then annexes:insert(block)
    else body:insert(block) end
  end
  local blocks, upright = parts(body)
  if #blocks > 0 and blocks[#blocks].t == 'Para' then
    blocks:extend(layout.last(blocks:remove()))
  end
  local all = head
  all:extend(blocks)
  all:extend(closing)
  layout.annexes(all, annexes, upright)
  all:extend(kept)
  return pandoc.Pandoc(all, doc.meta)
end
