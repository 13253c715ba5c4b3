-- Layout of Decree 30/2020, Annex I: head, headings, lists, landscape parts, recipients and signature.
-- Word and HTML get head and closing as blocks, from the metadata `nd30-*`; Typst prints them in nd30.typst.

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

-- Word ------------------------------------------------------------------------------------------

local LEFT, RIGHT = 3400, 5671 -- twips of the two columns of the head
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

function docx.last(block) return { styled('Đoạn kết', block.content) } end

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
        block = styled('Phụ lục', block.content) -- its id is in a span already
      elseif block.t == 'Para' then
        at = at + 1
        block = styled(at == 1 and 'Tên phụ lục' or 'Kèm theo', block.content)
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

-- HTML ------------------------------------------------------------------------------------------

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

-- Typst -----------------------------------------------------------------------------------------

local typst = {}

function typst.head() return pandoc.Blocks {} end
function typst.closing() return pandoc.Blocks {} end

function typst.last(block)
  return { pandoc.RawBlock('typst', '#report-last['), block, pandoc.RawBlock('typst', ']') }
end

function typst.turn(out, landscape)
  out:insert(pandoc.RawBlock('typst', landscape and '#report-landscape[' or ']'))
end

-- The closing stands in the template; with annexes it comes from here, before them.
function typst.annexes(out, annexes, _, meta, named)
  if #annexes == 0 then return end
  if named then
    out:insert(pandoc.RawBlock('typst', '#closing()'))
    meta['phu-luc'] = pandoc.MetaBool(true)
  end
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

-- All -------------------------------------------------------------------------------------------

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
  for _, key in ipairs { 'nd30-so', 'nd30-noi-ngay' } do
    local value = lines(doc.meta[key])[1]
    if value then doc.meta[key] = pandoc.MetaInlines(with_room(value, key == 'nd30-so' and 10 or 6)) end
  end
  doc.meta['nd30-kinh-gui'] = pandoc.MetaList(addressees(doc.meta):map(pandoc.MetaInlines))
  if layout.meta then layout.meta(doc.meta) end
  doc = doc:walk { traverse = 'topdown', Blocks = function(blocks) return typed_lists(blocks, 1) end }
  doc = doc:walk { Header = layout.heading, Str = layout.letters }
  -- While user filters run, Quarto keeps its metadata in an empty hidden block at the end; it is no last paragraph.
  local kept = pandoc.List()
  while #doc.blocks > 0 and doc.blocks[#doc.blocks].t == 'Div' and doc.blocks[#doc.blocks].classes:includes 'hidden' do
    kept:insert(1, doc.blocks:remove())
  end
  local annexes, body = pandoc.List(), pandoc.Blocks {}
  for _, block in ipairs(doc.blocks) do
    local annex = block.t == 'Div' and block.classes:includes 'phu-luc'
    if annex then annexes:insert(block) else body:insert(block) end
  end
  local blocks, upright = parts(body)
  if #blocks > 0 and blocks[#blocks].t == 'Para' then
    blocks:extend(layout.last(blocks:remove()))
  end
  -- A layout without the blocks of the decree has lists, landscape parts and marks from here all the same.
  local named = doc.meta['nd30-co-quan'] ~= nil
  local all = named and layout.head(doc.meta) or pandoc.Blocks {}
  all:extend(blocks)
  if named then all:extend(layout.closing(doc.meta)) end
  layout.annexes(all, annexes, upright, doc.meta, named)
  all:extend(kept)
  return pandoc.Pandoc(all, doc.meta)
end
