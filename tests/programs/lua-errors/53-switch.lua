local x = 2
switch (x) {
  case 1: print('one')
}
