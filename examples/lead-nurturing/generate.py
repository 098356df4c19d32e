#!/usr/bin/env python3
"""Writes contacts.csv, customers.ndjson and events.ndjson: one company's contacts, who of them is on the list of
existing customers, and three weeks of what they do.

usage: generate.py [--check]     --check writes nothing and fails when the files are not what it would write
Always the same bytes: everything random comes from one seed, and nothing depends on the day of the run.
The opens are those of mails that the workflow will send, so the mails are scheduled here as the workflow does it.
"""

import csv
import io
import json
import random
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2026, 3, 2, tzinfo=TOKYO)
DAYS = 21
LAST_TRIGGER = START + timedelta(days=18)
CONTACTS = 1000

LASTNAMES = [
    ("佐藤", "sato"), ("鈴木", "suzuki"), ("高橋", "takahashi"), ("田中", "tanaka"), ("伊藤", "ito"),
    ("渡辺", "watanabe"), ("山本", "yamamoto"), ("中村", "nakamura"), ("小林", "kobayashi"), ("加藤", "kato"),
    ("吉田", "yoshida"), ("山田", "yamada"), ("佐々木", "sasaki"), ("山口", "yamaguchi"), ("松本", "matsumoto"),
    ("井上", "inoue"), ("木村", "kimura"), ("林", "hayashi"), ("斎藤", "saito"), ("清水", "shimizu"),
    ("山崎", "yamazaki"), ("森", "mori"), ("池田", "ikeda"), ("橋本", "hashimoto"), ("阿部", "abe"),
]
FIRSTNAMES = [
    ("直子", "naoko"), ("健一", "kenichi"), ("美咲", "misaki"), ("翔", "sho"), ("由美子", "yumiko"),
    ("大輔", "daisuke"), ("さくら", "sakura"), ("拓也", "takuya"), ("陽子", "yoko"), ("誠", "makoto"),
    ("恵", "megumi"), ("浩二", "koji"), ("彩", "aya"), ("隆", "takashi"), ("真由美", "mayumi"),
    ("亮", "ryo"), ("結衣", "yui"), ("修", "osamu"), ("千尋", "chihiro"), ("豊", "yutaka"),
]
ENGLISH_LASTNAMES = ["Baker", "Carter", "Evans", "Fischer", "Garcia", "Hughes", "Jensen", "Keller", "Lopez", "Martin",
                     "Novak", "O'Brien", "Patel", "Quinn", "Rossi", "Schmidt", "Turner", "Walker", "Young", "Zhang"]
ENGLISH_FIRSTNAMES = ["Alice", "Brian", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Irene", "James",
                      "Karen", "Liam", "Maria", "Nathan", "Olivia", "Paul", "Rachel", "Simon", "Tara", "Victor"]
INDUSTRIES = {"machinery": ("machinery", ["精工", "機械", "製作所"]), "retail": ("retail", ["ストア", "商事", "百貨店"]),
              "it_media": ("it", ["システムズ", "メディア", "ソフト"]), "finance": ("finance", ["保険", "リース", "証券"]),
              "other": ("group", ["物流", "ホールディングス", "サービス"])}
PREFIXES = ["みほん", "れいだい", "サンプル", "エグザンプル", "例示", "見本"]
ENGLISH_COMPANIES = ["Example Machinery Ltd", "Example Retail Inc", "Sample Media GmbH", "Example Finance plc",
                     "Sample Logistics SA", "Example Software Inc"]
ENGLISH_ZONES = ["Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Singapore",
                 "Australia/Sydney"]
RANKS = {"staff": "担当", "section_chief": "課長", "general_manager": "部長", "executive": "取締役"}
ENGLISH_RANKS = {"staff": "Specialist", "section_chief": "Manager", "general_manager": "Director",
                 "executive": "Vice President"}
PAGES = {"home": "/", "product": "/product", "cases": "/cases", "blog": "/blog", "pricing": "/pricing"}
SOURCE = "https://www.example.com"
COLUMNS = ["email", "firstname", "lastname", "company_name", "job_title", "country", "industry", "department",
           "job_rank", "employees", "lifecycle_stage", "timezone", "source", "consent", "acquired_at", "marketing"]

rng = random.Random(20260302)


def text(moment):
    return moment.astimezone(TOKYO).isoformat(timespec="seconds")


# ---- contacts ------------------------------------------------------------------------------------------------------

def person(number):
    """Name, address and company; one in five writes English."""
    industry = rng.choices(list(INDUSTRIES), weights=[30, 25, 25, 8, 12])[0]
    rank = rng.choices(list(RANKS), weights=[50, 28, 16, 6])[0]
    if rng.random() < 0.2:
        first, last = rng.choice(ENGLISH_FIRSTNAMES), rng.choice(ENGLISH_LASTNAMES)
        local = f"{first}.{last}".lower().replace("'", "")
        company, host = rng.choice(ENGLISH_COMPANIES), rng.choice(["example.com", "example.org"])
        zone = rng.choice(ENGLISH_ZONES) if rng.random() < 0.8 else ""
        title, country = ENGLISH_RANKS[rank], ""
    else:
        (last, last_romaji), (first, first_romaji) = rng.choice(LASTNAMES), rng.choice(FIRSTNAMES)
        local = f"{first_romaji}.{last_romaji}"
        host_part, endings = INDUSTRIES[industry]
        company, host = rng.choice(PREFIXES) + rng.choice(endings), f"{host_part}.example.jp"
        company = "株式会社" + company if rng.random() < 0.7 else company + "株式会社"
        zone, title, country = ("Asia/Tokyo" if rng.random() < 0.15 else ""), RANKS[rank], "日本"
    return {"email": f"{local}.{number}@{host}", "firstname": first, "lastname": last, "company_name": company,
            "job_title": title, "country": country, "industry": industry, "timezone": zone, "job_rank": rank,
            "department": rng.choices(["sales", "it", "hr", "planning", "other"], weights=[25, 30, 10, 20, 15])[0],
            "employees": rng.choice([12, 25, 40, 80, 120, 250, 400, 800, 1500, 3000])}


def contact(number):
    c = person(number)
    stage = rng.choices(["", "subscriber", "mql", "sql", "customer", "evangelist"], weights=[30, 48, 8, 5, 8, 1])[0]
    source = rng.choices(["exhibition", "card_exchange", "web_form", "referral"], weights=[35, 25, 30, 10])[0]
    c["lifecycle_stage"] = stage
    c["source"] = source
    c["consent"] = {"web_form": "opt_in", "card_exchange": "card"}.get(source, "relationship")
    c["acquired_at"] = text(START - timedelta(days=rng.randint(5, 700), minutes=rng.randint(0, 1439)))
    c["marketing"] = "no" if source == "card_exchange" and rng.random() < 0.35 else "yes"
    customer = stage in ("customer", "evangelist") or (stage == "sql" and rng.random() < 0.3)
    c["listed"] = customer
    # Not everything is known about everybody.
    for column, unknown in [("industry", 0.1), ("department", 0.15), ("job_rank", 0.15), ("employees", 0.3),
                            ("company_name", 0.03)]:
        if rng.random() < unknown:
            c[column] = ""
    return c


# ---- the mails that the workflow will send -------------------------------------------------------------------------

def opening(moment, zone):
    """The first instant from `moment` on that lies in mon..fri 09:00..18:00 of the contact's zone."""
    local = moment.astimezone(ZoneInfo(zone or "Asia/Tokyo"))
    if local.weekday() < 5 and 9 <= local.hour < 18:
        return moment
    day = local if local.hour < 9 else local + timedelta(days=1)
    day = day.replace(hour=9, minute=0, second=0, microsecond=0)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    # A window lets out what it held back over 15 minutes.
    return day.astimezone(TOKYO) + timedelta(minutes=15)


# ---- events --------------------------------------------------------------------------------------------------------

class Feed:
    def __init__(self):
        self.items = []

    def add(self, moment, body):
        if START <= moment < START + timedelta(days=DAYS):
            self.items.append((moment, len(self.items), body))

    def event(self, moment, kind, subject, data, **more):
        self.add(moment, {"type": kind, "subject": subject, "data": data, **more})

    def set_stage(self, moment, subject, stage):
        self.add(moment, {"type": "record.set", "object": "contact", "subject": subject,
                          "data": {"lifecycle_stage": stage}})

    def lines(self):
        for number, (moment, _, body) in enumerate(sorted(self.items, key=lambda i: i[:2]), 1):
            yield {"id": f"e{number:05}", "source": SOURCE, "time": text(moment), **body}


def ndjson(lines):
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)


feed = Feed()


def office_time(first_day, last_day):
    """Some instant, mostly in working hours."""
    day = START + timedelta(days=rng.randint(first_day, last_day))
    if day.weekday() >= 5 and rng.random() < 0.75:
        day += timedelta(days=7 - day.weekday())
    hour = min(23.9, max(0.1, rng.gauss(13.5, 4.0)))
    return day + timedelta(seconds=int(hour * 3600))


def visits(subject, sessions, first_day=0):
    """Page views in sessions; returns the instant of the second view of the pricing page, if there is one."""
    pricing = []
    for _ in range(sessions):
        moment = office_time(first_day, DAYS - 1)
        for page in rng.choices(list(PAGES), weights=[30, 26, 18, 22, 9], k=rng.randint(1, 6)):
            path = PAGES[page] + (f"/{rng.randint(1, 30):02}" if page == "blog" else "")
            feed.event(moment, "page_viewed", subject, {"page": page, "url": SOURCE + path})
            if page == "pricing":
                pricing.append(moment)
            moment += timedelta(seconds=rng.randint(8, 240))
    return sorted(pricing)[1] if len(pricing) > 1 else None


def reaction(moment, subject, mail, chance, click=0.25):
    """Somebody opens a mail some time after it came; returns when."""
    if rng.random() >= chance:
        return None
    opened = moment + timedelta(minutes=min(2700, 20 + rng.expovariate(1 / 400)))
    feed.event(opened, "email_opened", subject, {"email": mail})
    if rng.random() < click:
        feed.event(opened + timedelta(seconds=rng.randint(5, 90)), "email_clicked", subject,
                   {"email": mail, "url": f"{SOURCE}/{mail}"})
    return opened


def follow(subject, zone, enrolled):
    """What a contact does with the mails of one enrolment."""
    sent = opening(enrolled, zone)
    reaction(sent, subject, "welcome", 0.6)
    sent = opening(sent + timedelta(days=1), zone)
    reaction(sent, subject, "related_content", 0.45)
    sent = opening(sent + timedelta(days=3), zone)
    opened = reaction(sent, subject, "product_benefits", 0.42)
    if opened and opened < sent + timedelta(days=2):
        reaction(opening(opened, zone), subject, "value_proposition", 0.4, click=0.5)


def behaviour(c):
    """One imported contact's three weeks."""
    subject, zone = c["email"], c["timezone"]
    triggers = []
    if rng.random() < 0.3:
        moment = office_time(0, 17)
        form = {"form": "ebook", "email": subject, "firstname": c["firstname"], "lastname": c["lastname"]}
        feed.event(moment, "form_submitted", subject, form)
        triggers.append(moment)
    if rng.random() < 0.62:
        triggers.append(visits(subject, rng.choices([1, 2, 3], weights=[60, 28, 12])[0]))
    if c["lifecycle_stage"] in ("", "subscriber") and rng.random() < 0.1:
        moment = office_time(1, 16)
        feed.set_stage(moment, subject, "lead")
        triggers.append(moment)
    triggers = sorted(t for t in triggers if t and t < LAST_TRIGGER)
    if c["listed"] or c["lifecycle_stage"] == "customer":
        return
    if triggers and c["marketing"] == "yes":
        follow(subject, zone, triggers[0])
        if rng.random() < 0.06:
            when = triggers[0] + timedelta(days=rng.uniform(1, 9))
            feed.event(when, "unsubscribed", subject, {"topic": "newsletter"})
        elif rng.random() < 0.07:
            feed.set_stage(triggers[0] + timedelta(days=rng.uniform(2, 12)), subject, "customer")


def newcomer(number):
    """Somebody new who asks for the e-book; the form creates the contact, with the consent given there."""
    c = person(number)
    moment = office_time(0, 17)
    form = {"form": "ebook", **{k: c[k] for k in ("email", "firstname", "lastname", "company_name", "industry")}}
    feed.event(moment, "form_submitted", c["email"], form, marketing=True)
    if rng.random() < 0.7:
        visits(c["email"], rng.randint(1, 2), first_day=(moment - START).days + 1 if moment < LAST_TRIGGER else 19)
    follow(c["email"], "", moment)


def contacts_csv(contacts):
    out = io.StringIO()
    rows = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    rows.writeheader()
    rows.writerows(contacts)
    return out.getvalue()


def listed(contacts):
    for number, c in enumerate((c for c in contacts if c["listed"]), 1):
        yield {"id": f"m{number:04}", "source": SOURCE, "type": "list.add", "object": "contact",
               "subject": c["email"], "data": {"list": "existing_customers"}}


def main():
    contacts = [contact(n) for n in range(1, CONTACTS + 1)]
    for c in contacts:
        behaviour(c)
    for n in range(CONTACTS + 1, CONTACTS + 46):
        newcomer(n)
    files = {"contacts.csv": contacts_csv(contacts), "customers.ndjson": ndjson(listed(contacts)),
             "events.ndjson": ndjson(feed.lines())}
    for name, content in files.items():
        path = HERE / name
        if sys.argv[1:] != ["--check"]:
            path.write_bytes(content.encode())
        elif not path.exists() or path.read_bytes() != content.encode():
            sys.exit(f"{name} is not what generate.py writes")


if __name__ == "__main__":
    main()
