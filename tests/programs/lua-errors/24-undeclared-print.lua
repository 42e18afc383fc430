local function main()
  print('hello')
end
main()
