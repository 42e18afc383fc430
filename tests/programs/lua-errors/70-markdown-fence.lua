```lua
print('hello')
```
