-- Tables: `::: {.bang #bang_x cot="1,5,3" kieu="nho" dau="2"}`, a paragraph (caption), a table.
--   cot   relative widths of the columns; dau  how many rows at the top are the heading
--   kieu  "nho" sets the cells in 12 points instead of 13
-- In an annex, `.phu-luc`, the caption says what the numbers are measured in and stands at the right.
-- In heading rows a cell `<<` belongs to its left neighbour, `^^` to the one above.
-- Written raw in every format, since Quarto has its own opinion of tables.

local RAW = { docx = 'openxml', typst = 'typst', html = 'html' }
local WIDTH = { doc = 9071, ngang = 14003 } -- twips between the margins: 160 mm, 247 mm
local WHOLE = 4 -- so many rows below the heading stay on one page, as in the templates for Typst
local format = FORMAT:match 'html' and 'html' or FORMAT

local function escaped(text)
  return (text:gsub('&', '&amp;'):gsub('<', '&lt;'):gsub('>', '&gt;'):gsub('"', '&quot;'))
end

local SIDE = { AlignLeft = 'trai', AlignDefault = 'trai', AlignRight = 'phai', AlignCenter = 'giua' }

local function read_rows(tbl, heading)
  local rows = pandoc.List()
  local function take(list, head)
    for _, row in ipairs(list) do
      local cells = pandoc.List()
      for _, cell in ipairs(row.cells) do
        cells:insert { contents = cell.contents, align = cell.alignment,
                       down = cell.row_span, across = cell.col_span }
      end
      rows:insert { cells = cells, head = head }
    end
  end
  take(tbl.head.rows, true)
  for _, body in ipairs(tbl.bodies) do
    take(body.head, false)
    take(body.body, false)
  end
  take(tbl.foot.rows, false)
  for index = 1, math.min(heading, #rows) do rows[index].head = true end
  return rows
end

-- Give every cell its column, and join `<<` and `^^` of heading rows to their neighbours.
local function place(rows, columns)
  local grid = {}
  for r, row in ipairs(rows) do
    grid[r] = grid[r] or {}
    local c, kept = 1, pandoc.List()
    for _, cell in ipairs(row.cells) do
      while grid[r][c] do c = c + 1 end
      local mark = row.head and pandoc.utils.stringify(cell.contents) or ''
      local left, above = grid[r][c - 1], grid[r - 1] and grid[r - 1][c]
      if mark == '<<' and left then
        if left.row == r then left.across = math.max(left.across, c - left.column + 1) end
        grid[r][c] = left
      elseif mark == '^^' and above then
        above.down = math.max(above.down, r - above.row + 1)
        grid[r][c] = above
      else
        cell.row, cell.column = r, c
        for down = r, r + cell.down - 1 do
          grid[down] = grid[down] or {}
          for across = c, c + cell.across - 1 do grid[down][across] = cell end
        end
        kept:insert(cell)
      end
    end
    row.cells = kept
  end
  for r = 1, #rows do
    for c = 1, columns do
      assert(grid[r][c], ('tables.lua: row %d has no cell in column %d'):format(r, c))
    end
  end
  return grid
end

-- A cell in bold throughout gets a style of its own: who types in it types in bold.
local function paragraphs(cell, style, kept)
  -- A cell without a paragraph is no valid table, and pandoc leaves out an empty one.
  if #cell.contents == 0 then return pandoc.RawBlock('openxml', '<w:p/>') end
  local blocks = cell.contents:walk { Plain = function(el) return pandoc.Para(el.content) end }
  local content = #blocks == 1 and blocks[1].content
  if content and #content == 1 and content[1].t == 'Strong' then
    blocks[1].content = content[1].content
    if not style:find('Head', 1, true) then style = style .. ' bold' end
  end
  if kept then style = style .. ' kept' end
  return pandoc.Div(blocks, pandoc.Attr('', {}, { ['custom-style'] = style }))
end

-- Word may break a page between two rows unless the first is kept with the next: a short table stays
-- whole, and of a long one no row stays alone at either end.
local function kept_rows(rows, parting)
  local first = 1
  while rows[first] and rows[first].head do first = first + 1 end
  local kept = {}
  for r = first, #rows - 1 do
    kept[r] = #rows - first + 1 <= WHOLE or r == first or r == #rows - 1 or parting[r]
  end
  return kept
end

local function side(cell, tbl)
  local align = cell.align ~= 'AlignDefault' and cell.align or tbl.colspecs[cell.column][1]
  return SIDE[tostring(align)]
end

-- The width of a text in twips: a letter of Times is about half an em wide, a capital more, bold a little more.
local function width_of(text, points, bold)
  local _, capitals = text:gsub('%u', '')
  local _, narrow = text:gsub('[ .,:;il|/()-]', '')
  local others = utf8.len(text) - capitals - narrow
  return (0.72 * capitals + 0.3 * narrow + 0.5 * others) * points * 20 * (bold and 1.06 or 1)
end

-- Widths as shares of the whole, from what stands in the columns: no word is broken, numbers stand on one line,
-- and what is left goes to the columns whose text would fill more lines. `cot` decides only between columns that
-- ask for the same.
local PADDING = 170 -- twips left and right of a text, with a little room for a rule
-- Where Word has no Times it takes a wider face: numbers get that room where it leaves the texts enough of theirs.
local SLACK = format == 'docx' and { 1.4, 1.28, 1.2, 1.12, 1 } or { 1 }
local ROOM = 0.86 -- of the whole width, for what may not break

local function is_strong(cell)
  local first = cell.contents[1]
  local inline = first and first.content and first.content[1]
  return inline ~= nil and inline.t == 'Strong'
end

local function sum_of(list)
  local sum = 0
  for _, one in ipairs(list) do sum = sum + one end
  return sum
end

local function fitted(hints, rows, points, total)
  local longest, longest_head, longest_text = {}, {}, {} -- what may not break, a heading, a whole text
  for c in ipairs(hints) do longest[c], longest_head[c], longest_text[c] = 0, 0, 0 end
  for _, row in ipairs(rows) do
    for _, cell in ipairs(row.cells) do
      if cell.across == 1 then
        local c = cell.column
        local text = pandoc.utils.stringify(cell.contents)
        local bold = row.head or is_strong(cell)
        local whole = width_of(text, points, bold)
        for word in text:gmatch '[^ \n]+' do longest[c] = math.max(longest[c], width_of(word, points, bold)) end
        if not row.head and text:match '^[%d.,/%%()-]+$' then longest[c] = math.max(longest[c], whole) end
        local kind = row.head and longest_head or longest_text
        kind[c] = math.max(kind[c], whole)
      end
    end
  end
  local least, full, wish
  for _, slack in ipairs(SLACK) do
    least, full, wish = {}, {}, {}
    for c in ipairs(hints) do
      least[c] = longest[c] * slack + PADDING
      full[c] = math.max(least[c], math.max(longest_head[c], longest_text[c]) * slack + PADDING)
      -- A heading may take three lines; a text as many as are left to it.
      wish[c] = math.max(least[c], math.max(longest_head[c] / 3, longest_text[c]) + PADDING)
    end
    if sum_of(least) <= ROOM * total then break end
  end
  -- Where everything has room on one line, nothing takes two.
  if sum_of(full) <= total then wish = full end
  local sum_least, sum_wish = sum_of(least), sum_of(wish)
  local shares = pandoc.List()
  for c in ipairs(hints) do
    if sum_least >= total then
      shares[c] = least[c] / sum_least
    elseif sum_wish >= total then
      shares[c] = (least[c] + (wish[c] - least[c]) * (total - sum_least) / (sum_wish - sum_least)) / total
    else
      shares[c] = (wish[c] + (total - sum_wish) * hints[c]) / total
    end
  end
  return shares
end

-- Rows of an annex that part the others: all that stands in them is bold, and others follow.
local function find_parting(rows)
  local parting = {}
  for r = 1, #rows - 1 do
    local bold = not rows[r].head
    for _, cell in ipairs(rows[r].cells) do
      bold = bold and (#pandoc.utils.stringify(cell.contents) == 0 or is_strong(cell))
    end
    parting[r] = bold
  end
  return parting
end

local write = {}

-- What stands in the columns, for who cannot see them.
local function columns_of(t)
  local said = pandoc.List()
  for c = 1, #t.widths do
    local words = pandoc.List()
    for r, row in ipairs(t.rows) do
      local cell = t.grid[r][c]
      if row.head and cell.row == r then words:insert(pandoc.utils.stringify(cell.contents)) end
    end
    if #words > 0 then said:insert(table.concat(words, ' ')) end
  end
  return table.concat(said, '; ')
end

function write.docx(t, out, raw)
  local twips, total = {}, 0
  for c, share in ipairs(t.widths) do
    twips[c] = math.floor(t.total * share + 0.5)
    total = total + twips[c]
  end
  out:insert(pandoc.Div(pandoc.Para { pandoc.Span(t.caption, pandoc.Attr(t.id)) },
    pandoc.Attr('', {}, { ['custom-style'] = t.annex and 'Annex caption' or 'Table caption' })))
  local grid = ''
  for _, width in ipairs(twips) do grid = grid .. ('<w:gridCol w:w="%d"/>'):format(width) end
  raw(('<w:tbl><w:tblPr><w:tblStyle w:val="Bang"/><w:tblW w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
    .. '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
    .. '<w:tblCaption w:val="%s"/><w:tblDescription w:val="%s"/></w:tblPr><w:tblGrid>%s</w:tblGrid>'):format(
      total, escaped(pandoc.utils.stringify(t.caption)), escaped(columns_of(t)), grid))
  local kept = kept_rows(t.rows, t.parting)
  for r, row in ipairs(t.rows) do
    raw('<w:tr><w:trPr><w:cantSplit/>' .. (row.head and '<w:tblHeader/>' or '') .. '</w:trPr>')
    local c = 1
    while c <= #twips do
      local cell = t.grid[r][c]
      local width = 0
      for across = c, c + cell.across - 1 do width = width + twips[across] end
      local pr = ('<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>'):format(width)
      if cell.across > 1 then pr = pr .. ('<w:gridSpan w:val="%d"/>'):format(cell.across) end
      if cell.down > 1 then pr = pr .. (cell.row == r and '<w:vMerge w:val="restart"/>' or '<w:vMerge/>') end
      raw(pr .. '<w:vAlign w:val="center"/></w:tcPr>')
      if cell.row ~= r then
        raw('<w:p/>')
      elseif row.head then
        out:insert(paragraphs(cell, t.small and 'Head cell small' or 'Head cell'))
      else
        local name = ({ trai = 'Cell left', phai = 'Cell right', giua = 'Cell centre' })[side(cell, t.tbl)]
        out:insert(paragraphs(cell, t.small and name .. ' small' or name, kept[r]))
      end
      raw '</w:tc>'
      c = c + cell.across
    end
    raw '</w:tr>'
  end
  raw '</w:tbl>'
  raw '<w:p><w:pPr><w:pStyle w:val="SauBang"/></w:pPr></w:p>'
end

function write.typst(t, out, raw)
  local ALIGN = { trai = 'left', phai = 'right', giua = 'center' }
  local widths = ''
  for _, share in ipairs(t.widths) do widths = widths .. ('%.4ffr, '):format(share) end
  raw(('#report-table(cot: (%s), co: %spt, %sten: ['):format(
    widths, t.small and '12' or '13', t.annex and 'phu-luc: true, ' or ''))
  out:insert(pandoc.Plain(t.caption))
  raw '], dau: ('
  local heading = true
  for r, row in ipairs(t.rows) do
    if heading and not row.head then
      heading = false
      raw '), than: ('
    end
    if t.parting[r] then raw 'table.header(level: 2, repeat: false, ' end
    for _, cell in ipairs(row.cells) do
      raw(('%s(colspan: %d, rowspan: %d, align: %s + horizon)['):format(
        row.head and 'report-head-cell' or 'table.cell', cell.across, cell.down,
        row.head and 'center' or ALIGN[side(cell, t.tbl)]))
      out:extend(cell.contents)
      raw '],'
    end
    if t.parting[r] then raw '),' end
  end
  raw((heading and '), than: (' or '') .. '))' .. (t.id ~= '' and '<' .. t.id .. '>' or ''))
end

local ROOM = 4 -- em a column

function write.html(t, out, raw)
  -- Who moves with keys can scroll it; a column keeps room for a number on a small screen.
  raw(('<div class="cuon" tabindex="0" role="group" aria-label="%s"><table class="bang%s"%s style="min-width:%dem"><caption>'):format(
    escaped(pandoc.utils.stringify(t.caption)), (t.small and ' nho' or '') .. (t.annex and ' bieu' or ''),
    t.id ~= '' and ' id="' .. escaped(t.id) .. '"' or '', #t.widths * ROOM))
  out:insert(pandoc.Plain(t.caption))
  local columns = ''
  for _, share in ipairs(t.widths) do columns = columns .. ('<col style="width:%.2f%%">'):format(share * 100) end
  raw('</caption><colgroup>' .. columns .. '</colgroup><thead>')
  local heading = true
  for _, row in ipairs(t.rows) do
    if heading and not row.head then
      heading = false
      raw '</thead><tbody>'
    end
    raw '<tr>'
    for _, cell in ipairs(row.cells) do
      local spans = (cell.across > 1 and (' colspan="%d"'):format(cell.across) or '')
        .. (cell.down > 1 and (' rowspan="%d"'):format(cell.down) or '')
      if row.head then
        raw(('<th scope="%s"%s>'):format(cell.across > 1 and 'colgroup' or 'col', spans))
      else
        raw(('<td class="%s"%s>'):format(side(cell, t.tbl), spans))
      end
      out:extend(cell.contents)
      raw(row.head and '</th>' or '</td>')
    end
    raw '</tr>'
  end
  raw((heading and '</thead>' or '</tbody>') .. '</table></div>')
end

local function bang(place_name, annex)
  return function(div)
    if not div.classes:includes 'bang' then return nil end
    local caption, tbl = div.content[1], div.content[2]
    assert(#div.content == 2 and caption.t == 'Para' and tbl.t == 'Table',
      'tables.lua: ' .. div.identifier .. ': expected a paragraph (the caption) and one table')
    local widths, sum = pandoc.List(), 0
    for share in (div.attributes.cot or ''):gmatch '[^,%s]+' do
      assert(tonumber(share), 'tables.lua: ' .. div.identifier .. ': cot="' .. share .. '" is no number')
      widths:insert(tonumber(share))
    end
    if #widths == 0 then for _ = 1, #tbl.colspecs do widths:insert(1) end end
    assert(#widths == #tbl.colspecs, ('tables.lua: %s: cot has %d widths, the table %d columns'):format(
      div.identifier, #widths, #tbl.colspecs))
    for _, share in ipairs(widths) do sum = sum + share end
    local rows = read_rows(tbl, tonumber(div.attributes.dau or '1'))
    local grid = place(rows, #tbl.colspecs)
    local small, total = div.attributes.kieu == 'nho', WIDTH[place_name]
    widths = fitted(widths:map(function(share) return share / sum end), rows, small and 12 or 13, total)
    local out = pandoc.Blocks {}
    write[format]({
      id = div.identifier, caption = caption.content, tbl = tbl, rows = rows, grid = grid,
      total = total, widths = widths, small = small, annex = annex,
      parting = annex and find_parting(rows) or {},
    }, out, function(text) out:insert(pandoc.RawBlock(RAW[format], text)) end)
    return out
  end
end

function Pandoc(doc)
  if not write[format] then return nil end
  doc = doc:walk {
    Div = function(div)
      local annex = div.classes:includes 'phu-luc'
      if not annex and not div.classes:includes 'ngang' then return nil end
      return pandoc.Div(div.content:walk { Div = bang('ngang', annex) }, div.attr)
    end,
  }
  return doc:walk { Div = bang 'doc' }
end
