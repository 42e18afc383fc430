local words = 'a,b,c'
for w in string.gmatch(words) do print(w) end
