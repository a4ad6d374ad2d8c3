#!/bin/bash
# Sets Kibana's password, and makes the role and the user that rafid's processes log in as; again and again changes nothing.
set -euo pipefail
put() {
  curl --silent --show-error --fail --cacert /certs/ca/ca.crt --user "elastic:${ELASTIC_PASSWORD}" \
    --header 'Content-Type: application/json' --request "$1" "https://elasticsearch:9200$2" --data "$3" > /dev/null
}
put POST /_security/user/kibana_system/_password "{\"password\": \"${KIBANA_SYSTEM_PASSWORD}\"}"
put PUT /_security/role/rafid '{"cluster": ["monitor", "manage_index_templates"], "indices": [{"names": ["news", "news-*", "articles", "sightings"], "privileges": ["all"]}]}'
put PUT /_security/user/rafid "{\"password\": \"${RAFID_ELASTICSEARCH_PASSWORD}\", \"roles\": [\"rafid\"]}"
