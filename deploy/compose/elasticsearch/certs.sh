#!/bin/bash
# Makes a CA and certificates for Elasticsearch and Kibana, once.
set -euo pipefail
[ -f /certs/kibana/kibana.crt ] && exit 0
cd /tmp
printf 'instances:\n- {name: elasticsearch, dns: [elasticsearch, localhost], ip: [127.0.0.1]}\n- {name: kibana, dns: [kibana, localhost], ip: [127.0.0.1]}\n' > instances.yml
/usr/share/elasticsearch/bin/elasticsearch-certutil ca --silent --pem -out ca.zip
unzip -q ca.zip -d /certs
/usr/share/elasticsearch/bin/elasticsearch-certutil cert --silent --pem --in instances.yml --ca-cert /certs/ca/ca.crt --ca-key /certs/ca/ca.key -out certs.zip
unzip -q certs.zip -d /certs
chmod -R a+rX /certs
chmod 0600 /certs/ca/ca.key
