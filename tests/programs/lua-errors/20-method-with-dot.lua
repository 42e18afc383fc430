local account = {balance = 10}
function account:deposit(n) self.balance = self.balance + n end
account.deposit(5)
