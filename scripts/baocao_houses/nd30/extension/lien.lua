-- Where a line may not end: between a number and what it counts, "ngày" and its date, "số" and its symbol,
-- "quý" and its numeral, before a spaced hyphen, inside a symbol or a date; and a paragraph that announces what
-- follows stays with it.
--   all     the space becomes one that does not break
--   Word    the hyphens of a symbol become hyphens that do not break (Word breaks at no slash)
--   Typst   a symbol stands in a box; the face has no such hyphen
--   HTML    a symbol stands in <span class="lien">

local format = FORMAT:match 'html' and 'html' or FORMAT
local stringify = pandoc.utils.stringify
local BLANK, HYPHEN = '\u{a0}', '\u{2011}'

local BEFORE_NUMBER = {}
for word in ([[ngày tháng năm quý số điều khoản điểm mục chương phần bảng hình biểu phụ lục khóa nhiệm kỳ lần thứ
  khoảng hơn gần trên dưới giai đoạn kỳ tuần]]):gmatch '%S+' do
  BEFORE_NUMBER[word] = true
end
-- Behind a number these begin something new; whatever else stands there is what is counted.
local AFTER_NUMBER = {}
for word in ([[và hoặc đến tới của trong tại từ theo là thì mà nhưng để cho do bởi với về ở so được đã đang sẽ có không
  như nên gồm bao trừ kể tính]]):gmatch '%S+' do
  AFTER_NUMBER[word] = true
end
local DASH = { ['-'] = true, ['–'] = true, ['—'] = true }

-- Most elements are words, and to ask Pandoc for the text of each takes longer than all the rest.
local function text_of(el)
  if not el then return '' end
  local t = el.t
  if t == 'Str' then return el.text end
  return t == 'Note' and '' or stringify(el)
end

local function last_word(el) return text_of(el):match '(%S+)$' or '' end
local function first_word(el) return text_of(el):match '^(%S+)' or '' end

-- Not in a class: the bytes of a typographic quote are those of letters, too.
local function bare(word)
  return pandoc.text.lower((word:gsub('“', ''):gsub('”', ''):gsub('^%p+', ''):gsub('%p+$', '')))
end
local function begins_number(word) return word:match '^[%(“"]*%d' ~= nil end
-- A comma or a full stop behind a number ends what is said of it.
local function is_number(word) return word:match '^[%(“"+-]*%d[%d.,/]*%%?$' ~= nil and not word:match '[.,]$' end
local function is_numeral(word) return word:match '^[IVXLC]+%p*$' ~= nil end

local function stays(before, after)
  if before == '' or after == '' then return false end
  if DASH[after] then return true end
  local word = bare(before)
  if BEFORE_NUMBER[word] and (begins_number(after) or is_numeral(after)) then return true end
  return is_number(before) and after:match '^[%a\xC3-\xE1]' ~= nil and not AFTER_NUMBER[bare(after)]
end

local function is_symbol(text)
  return text:match '^[%(“"]*%d[%w.\x80-\xFF]*[/-][%w\x80-\xFF]' ~= nil and text:match '[/-]' ~= nil
end

local function bound(el)
  if not is_symbol(el.text) then return nil end
  if format == 'docx' then
    return pandoc.Str((el.text:gsub('(%w)%-(%w)', '%1' .. HYPHEN .. '%2'):gsub('(\xC4[\x80-\xBF])%-(%w)', '%1' .. HYPHEN .. '%2')))
  elseif format == 'typst' then
    return { pandoc.RawInline('typst', '#box['), el, pandoc.RawInline('typst', '];') }
  end
  return { pandoc.RawInline('html', '<span class="lien">'), el, pandoc.RawInline('html', '</span>') }
end

local function spaces(inlines)
  local kinds = {}
  for i = 1, #inlines do kinds[i] = inlines[i].t end
  for i = 2, #inlines - 1 do
    if (kinds[i] == 'Space' or kinds[i] == 'SoftBreak') and stays(last_word(inlines[i - 1]), first_word(inlines[i + 1])) then
      inlines[i] = pandoc.Str(BLANK)
    end
  end
  local out = pandoc.Inlines {}
  for i = 1, #inlines do
    local symbol = kinds[i] == 'Str' and bound(inlines[i])
    if not symbol then
      out:insert(inlines[i])
    elseif symbol.t then
      out:insert(symbol)
    else
      out:extend(symbol)
    end
  end
  return out
end

-- What announces a list, a table or a paragraph ends in a colon.
local function announces(block)
  return (block.t == 'Para' or block.t == 'Plain') and stringify(block):match ':%s*$' ~= nil
end

local function kept(block)
  if format == 'docx' then
    return { pandoc.Div(block, pandoc.Attr('', {}, { ['custom-style'] = 'Thân liền' })) }
  elseif format == 'typst' then
    return { pandoc.RawBlock('typst', '#report-kept['), block, pandoc.RawBlock('typst', ']') }
  end
  return { pandoc.Div(block, pandoc.Attr('', { 'lien-sau' })) }
end

local function with_next(blocks)
  local out = pandoc.Blocks {}
  for i, block in ipairs(blocks) do
    if blocks[i + 1] and block.t == 'Para' and announces(block) then
      out:extend(kept(block))
    else
      out:insert(block)
    end
  end
  return out
end

function Pandoc(doc)
  if format ~= 'docx' and format ~= 'typst' and format ~= 'html' then return nil end
  -- The words of a picture are said aloud, and code is printed as it stands: neither has lines.
  local function whole(el) return el, false end
  doc = doc:walk { traverse = 'topdown', Inlines = spaces, Image = whole, Code = whole }
  doc.blocks = with_next(doc.blocks)
  return doc
end
