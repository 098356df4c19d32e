#!/usr/bin/env python3
"""yaml_schema.py WFC FOLDER: every *.wf.yaml below the folder fits the schema of `wfc schema`, and what is wrong does not."""
import json
import pathlib
import subprocess
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """YAML as editors read it: dates stay texts, and only true and false are truth values."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith(("timestamp", "bool"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

WRONG = {
    "an unknown kind": "wf: 1\nworkflo: a\nobject: contact\n",
    "an unknown key": "wf: 1\nworkflow: a\nobject: contact\nstepps: []\n",
    "steps that are no list": "wf: 1\nworkflow: a\nobject: contact\nsteps: stop\n",
    "a step with an unknown key": "wf: 1\nworkflow: a\nobject: contact\nsteps:\n  - wait: 1 day\n    att_most: 2\n",
    "a condition without its steps": "wf: 1\nworkflow: a\nobject: contact\nsteps:\n  - if: lead_score > 1\n",
    "a field that is missing": "wf: 1\nsender: a\nname: A\n",
    "a word that is not one of those": "wf: 1\nemail: a\nclass: spam\nfrom: s\nsubject: s\n",
}


def main(wfc: str, folder: str) -> int:
    schema = json.loads(subprocess.run([wfc, "schema"], check=True, capture_output=True).stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failed, documents = 0, 0
    for path in sorted(pathlib.Path(folder).rglob("*.wf.yaml")):
        for document in yaml.load_all(path.read_text(), Loader):
            documents += 1
            error = jsonschema.exceptions.best_match(validator.iter_errors(document))
            if error is not None:
                failed += 1
                print(f"{path}: {list(document)[:2]}: {'/'.join(map(str, error.path))}: {error.message[:300]}")
    for what, text in WRONG.items():
        if validator.is_valid(yaml.load(text, Loader)):
            failed += 1
            print(f"{what} is not found")
    print(f"{documents} documents and {len(WRONG)} mistakes, {failed} failed")
    return 1 if failed or documents < 20 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
