-- Word: metadata that is not named here would end in docProps/custom.xml.

local KEPT = { 'title', 'subject', 'keywords', 'description', 'lang', 'trace-hash' }
local COUNTRY = { vi = 'vi-VN', en = 'en-GB' } -- Word spells by language and country
local stringify = pandoc.utils.stringify

-- One line, or several as one.
local function joined(value)
  if pandoc.utils.type(value) ~= 'List' then return stringify(value) end
  return table.concat(pandoc.List(value):map(stringify), ' ')
end

function Meta(meta)
  if FORMAT ~= 'docx' then return nil end
  local kept = {}
  for _, key in ipairs(KEPT) do kept[key] = meta[key] end
  if meta.organisation then kept.author = pandoc.MetaInlines { pandoc.Str(joined(meta.organisation)) } end
  kept.lang = kept.lang and (COUNTRY[stringify(kept.lang)] or kept.lang)
  return pandoc.Meta(kept)
end
