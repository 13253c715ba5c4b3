-- What the styles of tables, charts and paragraphs are called in reference.docx.

local STYLES = {
  ['Table caption'] = 'Tên bảng', ['Head cell'] = 'Ô đầu bảng', ['Head cell small'] = 'Ô đầu bảng nhỏ',
  ['Chart'] = 'Hình', ['Chart caption'] = 'Tên hình', ['Last paragraph'] = 'Đoạn kết',
  ['Annex'] = 'Phụ lục', ['Annex title'] = 'Tên phụ lục', ['Annex document'] = 'Kèm theo',
  ['Annex caption'] = 'Đơn vị tính',
}
local CELLS = { { 'Cell left', 'Ô trái' }, { 'Cell right', 'Ô phải' }, { 'Cell centre', 'Ô giữa' } }
local WORDS = { [' small'] = ' nhỏ', [' bold'] = ' đậm', [' kept'] = ' liền' }

for _, names in ipairs(CELLS) do
  for _, small in ipairs { '', ' small' } do
    for _, bold in ipairs { '', ' bold' } do
      for _, kept in ipairs { '', ' kept' } do
        STYLES[names[1] .. small .. bold .. kept] = names[2] .. (WORDS[small] or '') .. (WORDS[bold] or '')
          .. (WORDS[kept] or '')
      end
    end
  end
end

function Div(div)
  local style = div.attributes['custom-style']
  if FORMAT ~= 'docx' or not STYLES[style] then return nil end
  div.attributes['custom-style'] = STYLES[style]
  return div
end
