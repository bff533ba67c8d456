"""Answers by the books: rules of the company, periods, balance, accounts and their dimensions, currencies."""

from destination_sage_intacct.intacct.advice.remedy import NOUN, Remedy

RULES = (
    # Bill.com and Ramp help; id: QuoteProject_Intacct_Integration, live.
    Remedy(
        "smart_rule",
        "A rule of your company refused the record: check smart rules and required dimensions in Sage Intacct.",
        words=r"smart rule",
        ids=("BL04002055",),
    ),
    # guess: a validation of a platform application has a text of its own.
    Remedy(
        "custom_validation",
        "A validation that your company added refused the record: ask who maintains it what the record must fulfil.",
        words=r"custom (validation|rule)|validation (rule|script)",
    ),
)

_PERIODS = (
    # fyle-intacct-api, the words by which it knows closed books.
    Remedy(
        "books_closed",
        "The books are closed before that date: use a later date, or have the books reopened in Sage Intacct; until "
        "then no document dated before it can be added, changed or deleted.",
        words=r"date must be on or after|books? (is|are|have been) closed",
        about_the_date=True,
    ),
    # Bill.com help, Ramp help.
    Remedy(
        "period_closed",
        "The row's date or the date that the document already has lies in a closed period: open the period in Sage "
        "Intacct, or use a date in an open one for a new document; until then a document in a closed period can be "
        "neither changed nor deleted.",
        words=r"periods?\b.*\bclosed|\bclosed\b.*\bperiod",
        about_the_date=True,
    ),
    # guess: no source shows the text.
    Remedy(
        "no_such_period",
        "No period holds this date: set the reporting period up in Sage Intacct, or correct the date in the row.",
        words=r"(reporting|accounting|fiscal|budget) (period|year)",
        about_the_date=True,
    ),
)

_BALANCE = (
    # The template of GL-1009 (fyle-intacct-api, production) with the name of a location filled in.
    Remedy(
        "unbalanced_within_entities",
        "Debits and credits must be equal within each entity: check the locations of the lines and their amounts, or "
        "let Sage Intacct book between entities.",
        words=r"do(es)? not balance for \S+ [^\s,]",
    ),
    # fyle-intacct-api, production.
    Remedy(
        "unbalanced",
        "Debits and credits of the entry must be equal, also within each entity.",
        ids=("GL-1009",),
        words=r"do(es)? not balance|out of balance|debits? .*\bequal",
    ),
    # guess: the rule is documented (Sage's OpenAPI, journal-entry-line), its text is not.
    Remedy(
        "negative_amount",
        "Send the amount without a sign and give the side in `txnType`.",
        words=r"must be (a )?positive|(amount|value)s? (cannot|can.t|can not|may not|must not) be negative",
    ),
    # guess: no source shows the text; an empty column asks for it where `null_values` is `clear`.
    Remedy(
        "lines_not_a_list",
        "A document keeps at least one line: send its lines as a list, or leave `lines` out.",
        words=r"/lines must be an? (list|array)\b",
        field="lines",
    ),
    # guess: the rule is documented (Sage's OpenAPI, journal entry), its text is not.
    Remedy(
        "lines_missing",
        "Send the lines of the document: at least one, for a journal entry two, each with an amount and an account.",
        words=r"\blines? (items? )?(is|are) (required|missing)|at least (one|two|1|2) line"
        r"|\b(no|without|requires?) lines?\b",
        field="lines",
    ),
    # Ramp help.
    Remedy(
        "negative_lines_of_several_entities",
        "Keep the lines of the document in one entity, or book its negative lines as a document of their own.",
        words=r"negative line items?",
        ids=("BL03002073",),
        field="lines",
    ),
)

_DIMENSIONS = (
    # guess: restrictions to entities are documented (Sage's OpenAPI, restriction), no text is.
    Remedy(
        "restricted_to_other_entities",
        "The record that the row refers to is restricted to other entities: widen its restriction in Sage Intacct, or "
        "use another one.",
        words=rf"(?P<noun>{NOUN})\b.*\brestricted (to|from)\b|cannot be used (in|at) (this|the) (entity|location)",
    ),
    # fyle-intacct-api, errors.py.
    Remedy(
        "restricted_combination",
        "Sage Intacct allows this value only with certain others: use one that fits the rest of the line, or change "
        "the restriction in Sage Intacct.",
        words=rf"(?P<noun>{NOUN})\b.*\bis restricted\b(?! to)|(?P<noun2>{NOUN})\b.*\brestricted by\b",
    ),
    # fyle-intacct-api, errors.py.
    Remedy(
        "dimension_required",
        "The account requires this dimension: fill it on every line that uses the account.",
        words=rf"missing (the )?'?(?P<noun>{NOUN})'? dimension|account (number )?\S+ requires an? ?(?P<noun2>{NOUN})?",
    ),
    # fyle-intacct-api, errors.py.
    Remedy(
        "dimension_filled_by_sage",
        "Sage Intacct fills this dimension itself: map no column to it, or send the value that the message names.",
        words=rf"(?P<noun>{NOUN}) must be .*auto-filled",
    ),
    # Scoro help.
    Remedy(
        "project_of_another_customer",
        "Use a project that belongs to the customer of the document, or to one of its child customers.",
        words=r"project dimension you selected|project.*not related to .*customer",
        field="project",
    ),
    # fyle-intacct-api, errors.py.
    Remedy(
        "employee_not_in_project",
        "Add the employee to the resources of the project in Sage Intacct, or use another project.",
        words=r"(isn.t|is not) a resource of the project",
        field="employee",
    ),
    # fyle-intacct-api, errors.py.
    Remedy(
        "project_status",
        "The status of the project lets nothing be booked to it: change it in Sage Intacct, or use another project.",
        words=r"project status that prevents",
        field="project",
    ),
)

_ACCOUNTS = (
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    Remedy(
        "subtotal_account_label",
        "Use an account label that is not one for subtotals, or an account (`glAccount`) in place of the label.",
        words=r"subtotal account labels?",
        ids=("AR-0148",),
        field="accountLabel",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live; also seen as AR-0279, which elsewhere says nothing.
    Remedy(
        "account_override",
        "Send an account label in place of the account, or enable GL account override in Sage Intacct.",
        words=r"account override",
        field="glAccount",
    ),
    # guess: Sage's OpenAPI lets a line name either; no source shows the text.
    Remedy(
        "account_label_required",
        "Send `accountLabel` where the company uses account labels, otherwise `glAccount`.",
        words=r"\b(choose|enable|enter|requires?|select|uses?)\b.*\baccount labels?\b",
        field="accountLabel",
    ),
    # Scoro help, Bill.com help, fyle-intacct-api.
    Remedy(
        "account_of_a_bank",
        "The account belongs to a bank account or a credit card: use another account on this line.",
        words=r"account number \S+ is associated to",
        field="glAccount",
    ),
    # Scoro help, Black River Technologies.
    Remedy(
        "account_missing",
        "Give the line an account that exists in Sage Intacct.",
        words=r"enter an? (valid )?account number",
        field="glAccount",
    ),
    # fyle-intacct-api, errors.py; the words about posting are a guess.
    Remedy(
        "account_invalid",
        "Use an account that exists, is active and may be posted to.",
        words=r"\baccount \S+ is not valid|not a posting account|(cannot|can.t) post to|non-?posting",
        field="glAccount",
    ),
)

_CURRENCIES = (
    # Scoro help.
    Remedy(
        "multi_currency_disabled",
        "Enable multi-currency in the General Ledger's configuration in Sage Intacct, or send the base currency.",
        words=r"foreign-currency transactions",
        field="currency",
    ),
    # guess: no source shows the text.
    Remedy(
        "exchange_rate_missing",
        "Add the exchange rate of that date in Sage Intacct, or send the rate with the row.",
        words=r"exchange rate",
        field="currency.exchangeRate",
    ),
    # guess: no source shows the text.
    Remedy(
        "currency_mismatch",
        "Use a currency that the document's entity, its accounts and its customer or vendor have in common.",
        words=r"\bcurrenc(y|ies)\b.*(must (match|be the same|equal)|mismatch|differ|not (match|allowed|supported))",
        field="currency",
    ),
    # fyle-intacct-api, reset_db.sql.
    Remedy(
        "tax_detail_of_another_solution",
        "Use a tax detail that belongs to the tax solution of the document.",
        words=r"tax (detail|solution|schedule)",
    ),
)

BOOKS = (*_PERIODS, *_BALANCE, *_DIMENSIONS, *_ACCOUNTS, *_CURRENCIES)
