import 'json'
