"""Holds every answer of a program against its OpenAPI document, and against the table of errors that both programs share."""
import json
import re

import jsonschema

from flow import same, true

STATUS_OF = {code: status for status, codes in {
    400: "malformed_request idempotency_key_missing",
    401: "unauthenticated",
    403: "forbidden origin_refused",
    404: "not_found pass_unknown wallet_unknown purchase_unknown receipt_unknown print_job_unknown device_unknown",
    405: "method_not_allowed", 406: "not_acceptable", 411: "length_required", 413: "body_too_large", 414: "target_too_long",
    415: "unsupported_media_type", 421: "wrong_host", 431: "header_too_large",
    409: "request_in_progress possible_duplicate quote_changed",
    422: "idempotency_key_reused code_malformed pin_required pin_incorrect pass_draft pass_already_active pass_blocked pass_cancelled pass_redeemed "
         "pass_expired pass_not_yet_valid wrong_business wrong_currency promotion_needs_purchase not_a_promotion wallet_required wallet_blocked "
         "offer_not_met offer_used_up limit_reached below_minimum above_maximum insufficient_funds not_fully_covered authority_elsewhere "
         "allowance_exhausted already_voided already_refunded void_too_late refund_exceeds_purchase device_illegal",
    423: "pass_locked", 429: "too_many_attempts", 507: "storage_full",
    503: "not_ready busy storage_read_only outcome_unknown link_required device_quarantined clock_untrusted cache_too_old device_error",
}.items() for code in codes.split()}

# Refused before the body is judged: such a body need not be one that the document allows.
BODY_UNREAD = (400, 401, 403, 404, 405, 406, 411, 413, 414, 415, 421, 431)

formats = jsonschema.FormatChecker()


@formats.checks("date-time")
def is_instant(text):
    return not isinstance(text, str) or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text) is not None


class Document:
    """One OpenAPI 3.1 document: its schemas are JSON Schema 2020-12 as they stand."""

    def __init__(self, name, words, more_codes=None):
        self.name, self.words, self.status_of = name, words, STATUS_OF | (more_codes or {})
        self.resolver = jsonschema.RefResolver("", words)
        self.calls = {(method.upper(), path): call for path, item in words["paths"].items() for method, call in item.items()}
        self.met = {}  # (method, path) → the statuses that were met

    def follow(self, node):
        return self.resolver.resolve(node["$ref"])[1] if "$ref" in node else node

    def schema(self, name):
        return self.words["components"]["schemas"][name]

    def faults(self, schema, value):
        check = jsonschema.Draft202012Validator(schema, resolver=self.resolver, format_checker=formats)
        return [f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in check.iter_errors(value)]

    def call_of(self, method, target):
        path = target.split("?")[0]
        for (known_method, pattern) in sorted(self.calls, key=lambda each: each[1].count("{")):
            if known_method == method and re.fullmatch(re.sub(r"\{\w+\}", "[A-Za-z0-9_-]{1,64}", pattern), path):
                return method, pattern
        return None

    def parameters(self, call, kind):
        return [p for p in map(self.follow, self.calls[call].get("parameters", [])) if p["in"] == kind]

    def body_schema(self, call):
        body = self.calls[call].get("requestBody")
        return body and body["content"]["application/json"]["schema"]

    def check(self, method, target, sent, answer):
        """answer: (status, headers, body) as Http gives it."""
        status, headers, body = answer
        what = f"{self.name}: {method} {target[:80]} → {status}"
        kind = headers.get("Content-Type", "").split(";")[0]
        call = self.call_of(method, target)
        if status >= 400:
            self.check_problem(what, status, kind, body)
        if call is None:
            true(status >= 400, f"{what}: answered, though the document does not name it")
            return answer
        self.met.setdefault(call, set()).add(status)
        documented = self.calls[call]["responses"]
        true(str(status) in documented or (status >= 400 and "default" in documented), f"{what}: not a documented status")
        content = self.follow(documented.get(str(status), documented.get("default")))["content"]
        true(kind in content, f"{what}: {kind} is not a documented type")
        faults = self.faults(content[kind]["schema"], body)
        true(not faults, f"{what}: not as documented:\n  " + "\n  ".join(faults[:8]) + f"\n  {json.dumps(body, ensure_ascii=False)[:2000]}")
        if self.body_schema(call) and isinstance(sent, dict) and status not in BODY_UNREAD:
            faults = self.faults(self.body_schema(call), sent)
            true(not faults, f"{what}: took a body that the document does not allow: {faults[:3]} {json.dumps(sent)[:600]}")
        return answer

    def check_problem(self, what, status, kind, body):
        same(kind, "application/problem+json", f"{what}: Content-Type")
        true(isinstance(body, dict) and {"type", "title", "status", "detail", "code"} <= set(body), f"{what}: members of the problem: {body}")
        same(body["status"], status, f"{what}: status in the body")
        same(self.status_of.get(body["code"]), status, f"{what}: status of {body['code']}")
        same(body["type"], "urn:obol:problem:" + body["code"], f"{what}: type")
        true(body["title"] and body["detail"], f"{what}: title and detail say something: {body}")
        if body.get("reasons"):
            same(body["reasons"][0]["code"], body["code"], f"{what}: the first reason is the code")
            true(body.get("customer_text"), f"{what}: a refusal has a sentence for the customer")
        if "retry_after" in body:
            true(body["retry_after"] > 0, f"{what}: retry_after {body['retry_after']}")
        faults = self.faults(self.schema("Problem"), body)
        true(not faults, f"{what}: not as documented: {faults} {body}")


class Caller:
    """An Http whose every answer is checked."""

    def __init__(self, http, document):
        self.http, self.document = http, document

    def call(self, method, path, body=None, **more):
        return self.document.check(method, path, body, self.http.call(method, path, body, **more))

    def good(self, status, method, path, body=None, **more):
        met, _, answer = self.call(method, path, body, **more)
        same(met, status, f"{method} {path}: {json.dumps(answer, ensure_ascii=False)[:1500]}")
        return answer

    def get(self, path, **more):
        return self.good(200, "GET", path, **more)

    def refused(self, code, method, path, body=None, **more):
        status, headers, answer = self.call(method, path, body, **more)
        met = answer.get("code") if isinstance(answer, dict) else answer
        same((met, status), (code, self.document.status_of.get(code)), f"{method} {path} {json.dumps(body)[:300]}: {json.dumps(answer, ensure_ascii=False)[:800]}")
        return answer | {"_headers": headers}

    def all_pages(self, path, limit):
        items, after = [], None
        mark = "&" if "?" in path else "?"
        while True:
            page = self.get(f"{path}{mark}limit={limit}" + (f"&after={after}" if after else ""))
            true(len(page["items"]) <= limit, f"{path}: {len(page['items'])} items on a page of {limit}")
            items += page["items"]
            after = page["next"]
            if after is None:
                return items


def loose_objects(document, allowed):
    """Pointers of object schemas that would let anything pass: no additionalProperties: false, or no word on what is required."""
    found = []

    def walk(node, at):
        if isinstance(node, list):
            for n, each in enumerate(node):
                walk(each, f"{at}/{n}")
        if not isinstance(node, dict):
            return
        if node.get("type") == "object" or "properties" in node:
            named = any(at.endswith(end) for end in allowed)
            if not named and (node.get("additionalProperties") is not False or ("required" not in node and "oneOf" not in node and node.get("properties"))):
                found.append(at)
        for key, each in node.items():
            if key not in ("if", "then", "else"):  # these only narrow what stands beside them
                walk(each, f"{at}/{key}")
    for name, schema in document["components"]["schemas"].items():
        walk(schema, f"/schemas/{name}")
    for path, item in document["paths"].items():
        for method, call in item.items():
            for status, response in call["responses"].items():
                for kind, content in response.get("content", {}).items():
                    if "schema" not in content:
                        found.append(f"{method} {path} {status} {kind}: no schema")
                    walk(content.get("schema", {}), f"{method} {path} {status}")
    return found
