-- Layout of Decree 30/2020, Annex I: what stands before and behind the text, from the metadata `nd30-*`.
-- Word and HTML get it as blocks, which page.lua puts in their places; Typst prints it in nd30.typst.

local format = FORMAT:match 'html' and 'html' or FORMAT
local stringify = pandoc.utils.stringify
local BLANK = '\u{a0}'

local function raw(text) return pandoc.RawBlock('openxml', text) end

local function styled(style, inlines)
  return pandoc.Div(pandoc.Para(inlines), pandoc.Attr('', {}, { ['custom-style'] = style }))
end

-- A metadata value as a list of Inlines; nothing gives an empty list.
local function lines(value)
  if value == nil then return pandoc.List() end
  if pandoc.utils.type(value) ~= 'List' then value = { value } end
  return pandoc.List(value):map(function(item)
    if pandoc.utils.type(item) == 'Blocks' then return pandoc.utils.blocks_to_inlines(item) end
    return pandoc.Inlines(item)
  end)
end

local function joined(prefix, inlines, suffix)
  local result = pandoc.Inlines(prefix)
  result:extend(inlines)
  if suffix then result:insert(pandoc.Str(suffix)) end
  return result
end

-- Number and date are written in by hand: leave the room that Markdown has folded to one space.
local function with_room(inlines, room)
  for i = 2, #inlines - 1 do
    local before, after = inlines[i - 1], inlines[i + 1]
    if inlines[i].t == 'Space' and before.t == 'Str' and after.t == 'Str' then
      if before.text == 'Số:' and after.text:sub(1, 1) == '/'
        or before.text == 'ngày' and after.text == 'tháng'
        or before.text == 'tháng' and after.text == 'năm' then
        inlines[i] = pandoc.Str(BLANK:rep(room))
      end
    end
  end
  return inlines
end

-- Several addressees: one a line, `;` after each and `.` after the last.
local function addressees(meta)
  local list = lines(meta['nd30-kinh-gui'])
  if #list < 2 then return list end
  for i, inlines in ipairs(list) do
    local ends = stringify(inlines):match '[;.]$'
    list[i] = joined({ pandoc.Str '-', pandoc.Space() }, inlines, not ends and (i < #list and ';' or '.') or nil)
  end
  return list
end

-- Word -------------------------------------------------------------------------------------------

local LEFT, RIGHT = 3400, 5671 -- twips of the two columns of the head

-- An empty paragraph without height; the one after a table is what Word asks for.
local function gap(before, more)
  return raw('<w:p><w:pPr><w:pStyle w:val="Ke"/><w:pBdr><w:top w:val="nil"/></w:pBdr>'
    .. ('<w:spacing w:before="%d"/>'):format(before) .. (more or '') .. '</w:pPr></w:p>')
end

-- A rule of `length` twips in the middle of `width`: the top border of a paragraph without height.
local function rule(width, length)
  if length == 0 then return gap(0) end
  local side = math.floor((width - length) / 2)
  return raw(('<w:p><w:pPr><w:pStyle w:val="Ke"/><w:ind w:left="%d" w:right="%d" w:firstLine="0"/></w:pPr></w:p>'):format(side, side))
end

-- Four tenths of a line; a letter of Times is 0.63 em wide in capitals, 0.44 em otherwise.
local function share_of(inlines, points, em, width)
  return math.floor(0.4 * math.min(width, utf8.len(stringify(inlines)) * points * 20 * em))
end

local TABLE = '<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblCellMar>'
  .. '<w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
  .. '<w:tblGrid><w:gridCol w:w="%d"/><w:gridCol w:w="%d"/></w:tblGrid>'
local ROW = '<w:tr><w:trPr><w:cantSplit/></w:trPr>'

local function pair(out, left_width, left, right_width, right)
  out:insert(raw(ROW .. ('<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>'):format(left_width)))
  out:extend(left)
  out:insert(raw(('</w:tc><w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>'):format(right_width)))
  out:extend(right)
  out:insert(raw '</w:tc></w:tr>')
end

local docx = {}

function docx.head(meta)
  -- Before a table at the very top LibreOffice puts an empty line of full height.
  local out = pandoc.Blocks { gap(0), raw(TABLE:format(LEFT + RIGHT, LEFT, RIGHT)) }
  local agency = pandoc.Blocks {}
  for _, line in ipairs(lines(meta['nd30-chu-quan'])) do agency:insert(styled('Cơ quan chủ quản', line)) end
  local issuing = lines(meta['nd30-co-quan'])
  for _, line in ipairs(issuing) do agency:insert(styled('Cơ quan ban hành', line)) end
  agency:insert(rule(LEFT, share_of(issuing[#issuing] or {}, 13, 0.63, LEFT)))
  pair(out, LEFT, agency, RIGHT, {
    styled('Quốc hiệu', 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM'),
    styled('Tiêu ngữ', 'Độc lập - Tự do - Hạnh phúc'),
    rule(RIGHT, 3428), -- the line above in bold 14 points
  })
  pair(out, LEFT, { styled('Số, ký hiệu', lines(meta['nd30-so'])[1] or {}) },
    RIGHT, { styled('Địa danh, ngày', lines(meta['nd30-noi-ngay'])[1] or {}) })
  -- An official letter has no kind: what it is about stands below its number (Annex I, II.5.b).
  local subject = lines(meta['nd30-ve-viec'])[1]
  if subject then pair(out, LEFT, { styled('Số, ký hiệu', subject) }, RIGHT, { gap(0) }) end
  out:insert(raw '</w:tbl>')
  if not subject then
    out:insert(styled('Tên loại', lines(meta['nd30-ten-loai'])[1] or {}))
    local about = lines(meta['nd30-trich-yeu'])[1] or {}
    out:insert(styled('Trích yếu', about))
    out:insert(rule(9071, share_of(about, 14, 0.44, 7500)))
  end
  local to = lines(meta['nd30-kinh-gui'])
  if #to == 1 then
    out:insert(styled('Kính gửi', joined({ pandoc.Str 'Kính', pandoc.Space(), pandoc.Str 'gửi:', pandoc.Space() }, to[1])))
  elseif #to > 1 then
    out:insert(styled('Kính gửi nhiều nơi', 'Kính gửi:'))
    for _, line in ipairs(to) do out:insert(styled('Nơi gửi', line)) end
  end
  out:insert(gap(0))
  return out
end

function docx.closing(meta)
  local out = pandoc.Blocks { gap(240), raw(TABLE:format(9071, 4535, 4536)) }
  local receive, sign = pandoc.Blocks {}, pandoc.Blocks {}
  receive:insert(styled('Nơi nhận', 'Nơi nhận:'))
  for _, line in ipairs(lines(meta['nd30-noi-nhan'])) do
    receive:insert(styled('Danh sách nơi nhận', joined({ pandoc.Str '-', pandoc.Space() }, line)))
  end
  for _, line in ipairs(lines(meta['nd30-chu-ky'])) do sign:insert(styled('Quyền hạn, chức vụ', line)) end
  sign:insert(styled('Họ tên', lines(meta['nd30-nguoi-ky'])[1] or {}))
  pair(out, 4535, receive, 4536, sign)
  out:insert(raw '</w:tbl>')
  out:insert(gap(0))
  return out
end

-- HTML -------------------------------------------------------------------------------------------

local function div(class, content) return pandoc.Div(content, pandoc.Attr('', { class })) end
local function line_of(class) return function(inlines) return div(class, pandoc.Plain(inlines)) end end

local html = {}

function html.head(meta)
  local agency = lines(meta['nd30-chu-quan']):map(line_of 'chu-quan')
  agency:extend(lines(meta['nd30-co-quan']):map(line_of 'co-quan'))
  agency:extend(lines(meta['nd30-so']):map(line_of 'so-ky-hieu'))
  local nation = pandoc.List { div('quoc-hieu', pandoc.Plain 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM'),
    div('tieu-ngu', pandoc.Plain 'Độc lập - Tự do - Hạnh phúc') }
  nation:extend(lines(meta['nd30-noi-ngay']):map(line_of 'noi-ngay'))
  local out = pandoc.Blocks { div('dau', { div('trai', agency), div('phai', nation) }) }
  out:extend(lines(meta['nd30-ten-loai']):map(line_of 'ten-loai'))
  out:extend(lines(meta['nd30-trich-yeu']):map(line_of 'trich-yeu'))
  local to = lines(meta['nd30-kinh-gui'])
  if #to == 1 then
    out:insert(line_of 'kinh-gui'(joined({ pandoc.Str 'Kính', pandoc.Space(), pandoc.Str 'gửi:', pandoc.Space() }, to[1])))
  elseif #to > 1 then
    local block = pandoc.List { pandoc.Plain 'Kính gửi:' }
    block:extend(to:map(line_of 'noi-gui'))
    out:insert(div('kinh-gui nhieu', block))
  end
  return out
end

function html.closing(meta)
  local receive = pandoc.List { div('noi-nhan', pandoc.Plain 'Nơi nhận:') }
  for _, line in ipairs(lines(meta['nd30-noi-nhan'])) do
    receive:insert(div('danh-sach', pandoc.Plain(joined({ pandoc.Str '-', pandoc.Space() }, line))))
  end
  local sign = lines(meta['nd30-chu-ky']):map(line_of 'chuc-vu')
  sign:extend(lines(meta['nd30-nguoi-ky']):map(line_of 'ho-ten'))
  return pandoc.Blocks { div('cuoi', { div('trai', receive), div('phai', sign) }) }
end

-- All --------------------------------------------------------------------------------------------

local layout = ({ docx = docx, html = html })[format]

function Pandoc(doc)
  for _, key in ipairs { 'nd30-so', 'nd30-noi-ngay' } do
    local value = lines(doc.meta[key])[1]
    if value then doc.meta[key] = pandoc.MetaInlines(with_room(value, key == 'nd30-so' and 10 or 6)) end
  end
  doc.meta['nd30-kinh-gui'] = pandoc.MetaList(addressees(doc.meta):map(pandoc.MetaInlines))
  doc.meta.organisation = doc.meta['nd30-co-quan']
  doc.meta['contents-title'] = 'Mục lục'
  if doc.meta['nd30-co-quan'] == nil then return doc end
  if layout then
    doc.blocks:insert(1, pandoc.Div(layout.head(doc.meta), pandoc.Attr('', { 'report-head' })))
    doc.blocks:insert(pandoc.Div(layout.closing(doc.meta), pandoc.Attr('', { 'report-closing' })))
  elseif format == 'typst' and doc.blocks:find_if(function(block) return block.t == 'Div' and block.classes:includes 'phu-luc' end) then
    -- The closing stands in the template; with annexes it comes from here, before them.
    doc.blocks:insert(pandoc.Div(pandoc.RawBlock('typst', '#closing()'), pandoc.Attr('', { 'report-closing' })))
    doc.meta['phu-luc'] = pandoc.MetaBool(true)
  end
  return doc
end
