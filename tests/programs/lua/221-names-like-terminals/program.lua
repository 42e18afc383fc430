-- names spelled as the terminals and rules of a Lua grammar are, wherever a name can stand
do
  local NAME = 'NAME'
  local t = {NAME = NAME, [NAME] = NAME}
  function t.NAME(...) return ... end
  function t:m_NAME(NAME) return self.NAME, NAME end
  local function f(NAME, ...) goto NAME ::NAME:: return NAME, ... end
  print(NAME, #NAME, NAME .. NAME, t.NAME(NAME), f(NAME, NAME), select(2, t:m_NAME(NAME)))
end
NAME = 'NAME'
print(NAME, _G.NAME, NAME == 'NAME', -#NAME)
NAME = nil
do
  local NUMBER = 'NUMBER'
  local t = {NUMBER = NUMBER, [NUMBER] = NUMBER}
  function t.NUMBER(...) return ... end
  function t:m_NUMBER(NUMBER) return self.NUMBER, NUMBER end
  local function f(NUMBER, ...) goto NUMBER ::NUMBER:: return NUMBER, ... end
  print(NUMBER, #NUMBER, NUMBER .. NUMBER, t.NUMBER(NUMBER), f(NUMBER, NUMBER), select(2, t:m_NUMBER(NUMBER)))
end
NUMBER = 'NUMBER'
print(NUMBER, _G.NUMBER, NUMBER == 'NUMBER', -#NUMBER)
NUMBER = nil
do
  local STRING = 'STRING'
  local t = {STRING = STRING, [STRING] = STRING}
  function t.STRING(...) return ... end
  function t:m_STRING(STRING) return self.STRING, STRING end
  local function f(STRING, ...) goto STRING ::STRING:: return STRING, ... end
  print(STRING, #STRING, STRING .. STRING, t.STRING(STRING), f(STRING, STRING), select(2, t:m_STRING(STRING)))
end
STRING = 'STRING'
print(STRING, _G.STRING, STRING == 'STRING', -#STRING)
STRING = nil
do
  local NIL = 'NIL'
  local t = {NIL = NIL, [NIL] = NIL}
  function t.NIL(...) return ... end
  function t:m_NIL(NIL) return self.NIL, NIL end
  local function f(NIL, ...) goto NIL ::NIL:: return NIL, ... end
  print(NIL, #NIL, NIL .. NIL, t.NIL(NIL), f(NIL, NIL), select(2, t:m_NIL(NIL)))
end
NIL = 'NIL'
print(NIL, _G.NIL, NIL == 'NIL', -#NIL)
NIL = nil
do
  local END = 'END'
  local t = {END = END, [END] = END}
  function t.END(...) return ... end
  function t:m_END(END) return self.END, END end
  local function f(END, ...) goto END ::END:: return END, ... end
  print(END, #END, END .. END, t.END(END), f(END, END), select(2, t:m_END(END)))
end
END = 'END'
print(END, _G.END, END == 'END', -#END)
END = nil
do
  local FUNCTION = 'FUNCTION'
  local t = {FUNCTION = FUNCTION, [FUNCTION] = FUNCTION}
  function t.FUNCTION(...) return ... end
  function t:m_FUNCTION(FUNCTION) return self.FUNCTION, FUNCTION end
  local function f(FUNCTION, ...) goto FUNCTION ::FUNCTION:: return FUNCTION, ... end
  print(FUNCTION, #FUNCTION, FUNCTION .. FUNCTION, t.FUNCTION(FUNCTION), f(FUNCTION, FUNCTION), select(2, t:m_FUNCTION(FUNCTION)))
end
FUNCTION = 'FUNCTION'
print(FUNCTION, _G.FUNCTION, FUNCTION == 'FUNCTION', -#FUNCTION)
FUNCTION = nil
do
  local ELLIPSIS = 'ELLIPSIS'
  local t = {ELLIPSIS = ELLIPSIS, [ELLIPSIS] = ELLIPSIS}
  function t.ELLIPSIS(...) return ... end
  function t:m_ELLIPSIS(ELLIPSIS) return self.ELLIPSIS, ELLIPSIS end
  local function f(ELLIPSIS, ...) goto ELLIPSIS ::ELLIPSIS:: return ELLIPSIS, ... end
  print(ELLIPSIS, #ELLIPSIS, ELLIPSIS .. ELLIPSIS, t.ELLIPSIS(ELLIPSIS), f(ELLIPSIS, ELLIPSIS), select(2, t:m_ELLIPSIS(ELLIPSIS)))
end
ELLIPSIS = 'ELLIPSIS'
print(ELLIPSIS, _G.ELLIPSIS, ELLIPSIS == 'ELLIPSIS', -#ELLIPSIS)
ELLIPSIS = nil
do
  local block = 'block'
  local t = {block = block, [block] = block}
  function t.block(...) return ... end
  function t:m_block(block) return self.block, block end
  local function f(block, ...) goto block ::block:: return block, ... end
  print(block, #block, block .. block, t.block(block), f(block, block), select(2, t:m_block(block)))
end
block = 'block'
print(block, _G.block, block == 'block', -#block)
block = nil
do
  local exp = 'exp'
  local t = {exp = exp, [exp] = exp}
  function t.exp(...) return ... end
  function t:m_exp(exp) return self.exp, exp end
  local function f(exp, ...) goto exp ::exp:: return exp, ... end
  print(exp, #exp, exp .. exp, t.exp(exp), f(exp, exp), select(2, t:m_exp(exp)))
end
exp = 'exp'
print(exp, _G.exp, exp == 'exp', -#exp)
exp = nil
