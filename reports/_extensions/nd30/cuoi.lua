-- Word: metadata that is not named here would end in docProps/custom.xml.

local KEPT = { 'title', 'subject', 'author', 'keywords', 'description', 'lang', 'trace-hash' }

function Meta(meta)
  if FORMAT ~= 'docx' then return nil end
  local kept = {}
  for _, key in ipairs(KEPT) do kept[key] = meta[key] end
  return pandoc.Meta(kept)
end
