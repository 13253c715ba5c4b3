-- The title over the report, from the metadata `plain-*`.

local format = FORMAT:match 'html' and 'html' or FORMAT

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
  doc.meta.organisation = doc.meta['plain-organisation']
  doc.blocks:insert(1, pandoc.Div(head, pandoc.Attr('', { 'report-head' })))
  return doc
end
