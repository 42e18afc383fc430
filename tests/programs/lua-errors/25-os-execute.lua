os.execute('ls -l')
