-- The title over the report, and English names for the styles that the shared filters set.

local format = FORMAT:match 'html' and 'html' or FORMAT

local STYLES = {
  ['Tên bảng'] = 'Table caption', ['Ô đầu bảng'] = 'Head cell', ['Ô đầu bảng nhỏ'] = 'Head cell small',
  ['Phụ lục'] = 'Annex', ['Tên phụ lục'] = 'Annex title', ['Kèm theo'] = 'Annex document', ['Đơn vị tính'] = 'Annex caption',
  ['Hình'] = 'Chart', ['Tên hình'] = 'Chart caption', ['Đoạn kết'] = 'Last paragraph',
}
local CELLS = { { 'Ô trái', 'Cell left' }, { 'Ô phải', 'Cell right' }, { 'Ô giữa', 'Cell centre' } }
local WORDS = { [' nhỏ'] = ' small', [' đậm'] = ' bold', [' liền'] = ' kept' }

for _, names in ipairs(CELLS) do
  for _, small in ipairs { '', ' nhỏ' } do
    for _, bold in ipairs { '', ' đậm' } do
      for _, kept in ipairs { '', ' liền' } do
        STYLES[names[1] .. small .. bold .. kept] = names[2] .. (WORDS[small] or '') .. (WORDS[bold] or '')
          .. (WORDS[kept] or '')
      end
    end
  end
end

local function renamed(div)
  local style = div.attributes['custom-style']
  if not style then return nil end
  div.attributes['custom-style'] = STYLES[style] or style
  return div
end

local function lines(value)
  if value == nil then return pandoc.List() end
  if pandoc.utils.type(value) ~= 'List' then value = { value } end
  return pandoc.List(value):map(function(item)
    if pandoc.utils.type(item) == 'Blocks' then return pandoc.utils.blocks_to_inlines(item) end
    return pandoc.Inlines(item)
  end)
end

local HEAD = { { 'plain-organisation', 'Organisation' }, { 'plain-title', 'Report title' }, { 'plain-period', 'Report period' } }

function Pandoc(doc)
  if format ~= 'docx' and format ~= 'html' then return nil end
  doc = doc:walk { Div = renamed }
  local head = pandoc.Blocks {}
  for _, entry in ipairs(HEAD) do
    for _, inlines in ipairs(lines(doc.meta[entry[1]])) do
      if format == 'docx' then
        head:insert(pandoc.Div(pandoc.Para(inlines), pandoc.Attr('', {}, { ['custom-style'] = entry[2] })))
      else
        head:insert(pandoc.Div(pandoc.Plain(inlines), pandoc.Attr('', { entry[1]:gsub('plain%-', '') .. '' })))
      end
    end
  end
  head:extend(doc.blocks)
  return pandoc.Pandoc(head, doc.meta)
end
