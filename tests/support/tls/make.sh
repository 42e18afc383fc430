#!/bin/sh
# SPDX-License-Identifier: MIT
# Certificates for tests on the loopback interface: an authority, and servers it vouches for or should not. They secure nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
touch "$work/index"
cat > "$work/ca.cnf" << END
[ca]
default_ca = here
[here]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
END
long="-startdate 20200101000000Z -enddate 21200101000000Z"
key() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj "/CN=$1"; }
key ca
echo "basicConstraints=critical,CA:true" > "$work/ca.ext"
openssl ca -batch -notext -config "$work/ca.cnf" -extfile "$work/ca.ext" -in "$work/ca.csr" -out ca.pem -selfsign -keyfile "$work/ca.key" $long
make() { # name, subjectAltName, how it is signed
	name=$1
	key "$name"
	echo "subjectAltName=$2" > "$work/$name.ext"
	shift 2
	openssl ca -batch -notext -config "$work/ca.cnf" -extfile "$work/$name.ext" -in "$work/$name.csr" -out "$work/$name.crt" "$@"
	cat "$work/$name.key" "$work/$name.crt" > "$name.pem"
}
by_ca="-cert ca.pem -keyfile $work/ca.key"
make good "IP:127.0.0.1,DNS:good.test" $by_ca $long
make wrong "DNS:other.test" $by_ca $long
make expired "IP:127.0.0.1,DNS:good.test" $by_ca -startdate 20200101000000Z -enddate 20200102000000Z
make self "IP:127.0.0.1" -selfsign -keyfile "$work/self.key" $long
