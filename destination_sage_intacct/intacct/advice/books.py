"""Answers by the books: rules of the company, periods, balance, lines and amounts, currencies, taxes."""

from destination_sage_intacct.intacct.advice.remedy import Remedy

_SMART_RULE = (
    r"(?:\bsmart rule\b.{0,100}\bviolated\b|\b(?:violates?|(?:refused|rejected|blocked) by) (?:a |the )?smart rule\b)"
)
_LEVEL = r"(top|root|entity)[- ]level"

RULES = (
    # Bill.com help; Expensify help, INT592.
    Remedy(
        "smart_rule_about_the_level",
        "A smart rule of your company allows this record at another level only: leave the entity empty for the top "
        "level, or name the entity that it requires; or have the rule changed.",
        words=rf"{_SMART_RULE}.*\b{_LEVEL}",
    ),
    # Bill.com and Ramp help, ServiceTitan help; id: QuoteProject_Intacct_Integration, live.
    Remedy(
        "smart_rule",
        "A rule of your company rejected the record: check smart rules and required dimensions in Sage Intacct.",
        words=_SMART_RULE,
        ids=("BL04002055",),
    ),
    # guess: a validation of a platform application has its own text.
    Remedy(
        "custom_validation",
        "A validation that your company added rejected the record: ask whoever maintains it what the record must "
        "satisfy.",
        words=r"custom (validation|rule)|validation (rule|script)",
    ),
)

_PERIODS = (
    # Expensify help, INT088.
    Remedy(
        "subledger_closed",
        "The subledger of this document is closed for its date: open it in its application in Sage Intacct (Subledger "
        "> Open), or use a later date.",
        words=r"\bsub-?ledgers?\b.{0,60}\bclosed|\bclosed\b.{0,30}\bsub-?ledger"
        r"|\b(accounts (payable|receivable)|cash management|order entry|purchasing|inventory control) is closed",
        about_the_date=True,
    ),
    # guess: that a document falls due after it was made is documented, no source shows the text.
    Remedy(
        "due_date_too_early",
        "The due date is before the document's own date: correct one of the two dates in the row.",
        words=r"\b(date due|due ?date)\b.{0,40}\b(before|earlier|prior|must be (on or )?after)\b",
        field="dueDate",
    ),
    # fyle-intacct-api, the words by which it knows closed books; Expensify help, INT035; Nexonia help.
    Remedy(
        "books_closed",
        "The books are closed before that date: use a later date, or have the books reopened in Sage Intacct; until "
        "then no document dated before it can be added, changed or deleted.",
        words=r"\bdate\b.{0,40}\bmust be on or after|books? (is|are|have been) closed",
        about_the_date=True,
    ),
    # Bill.com help, Ramp help; Expensify help, INT771.
    Remedy(
        "period_closed",
        "The row's date or the date that the document already has is in a closed period: open the period in Sage "
        "Intacct, or use a date in an open one for a new document; until then a document in a closed period can be "
        "neither changed nor deleted.",
        words=r"\bperiods?\b.{0,80}\bclosed|\bclosed\b.{0,80}\bperiod",
        about_the_date=True,
    ),
    # guess: no source shows the text.
    Remedy(
        "no_such_period",
        "No period holds this date: set the reporting period up in Sage Intacct, or correct the date in the row.",
        words=r"\b(no|outside( of)?|not (with)?in)\b.{0,40}\b(reporting|accounting|fiscal|budget) (period|year)"
        r"|(reporting|accounting|fiscal|budget) (period|year)s?\b.{0,60}\b(not found|does not exist|not set up)",
        about_the_date=True,
    ),
    # Sage's help, contract invoices.
    Remedy(
        "contract_line_ended",
        "The contract line ended before this date: use a date on or before the end, or change the contract line.",
        words=r"contract line (was |is |has been )?(cancell?ed|ended)",
        about_the_date=True,
    ),
)

_BALANCE = (
    # The template of GL-1009 (fyle-intacct-api, production) with the name of a location filled in; the others are a
    # guess.
    Remedy(
        "unbalanced_within_entities",
        "Debits and credits must be equal within each entity: check the locations of the lines and their amounts, or "
        "let Sage Intacct book between entities.",
        words=r"do(es)? not balance for \S+ [^\s,]"
        r"|balance\b.{0,20}\b(by|within|per|in each|for each|for every)\b.{0,20}\b(entity|entities|locations?)",
    ),
    # fyle-intacct-api, production.
    Remedy(
        "unbalanced",
        "Debits and credits of the entry must be equal, also within each entity.",
        ids=("GL-1009",),
        words=r"do(es)? not balance|out of balance|debits? .*\bequal",
    ),
    # intacct-sdk-net issues 132, 205 and 251: lines without the transaction amount.
    Remedy(
        "line_amount_missing",
        "A line has no transaction amount: send `txnAmount` on every line.",
        words=r"remove the extra line item",
        ids=("BL03002101",),
        field="lines",
    ),
    # guess: no source shows the text.
    Remedy(
        "amount_zero",
        "Give the line an amount other than 0, or leave it out of the document.",
        words=r"\bamounts? (can ?not|can.t|may not|must not) be (zero|0\b)|non-?zero amount"
        r"|\bamount must be (greater|more) than (zero|0\b)",
    ),
    # guess: the rule is documented (Sage's OpenAPI, journal-entry-line), its text is not.
    Remedy(
        "negative_amount",
        "Send the amount without a sign and give the side in `txnType`.",
        words=r"\bamounts?\b.{0,20}\bmust be positive|must be a positive (amount|value)"
        r"|(amount|value)s? (cannot|can.t|can not|may not|must not) be negative",
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
        words=r"\blines? (items? )?(is|are) (required|missing)\b(?! an?\b)|at least (one|two|1|2) line"
        r"|\b(no|without|requires?) lines?\b(?! \w)",
        field="lines",
    ),
    # Ramp help.
    Remedy(
        "negative_lines_of_several_entities",
        "Keep the lines of the document in one entity, or book its negative lines as a separate document.",
        words=r"negative line items?",
        ids=("BL03002073",),
        field="lines",
    ),
    # guess: no source shows the text.
    Remedy(
        "too_many_decimals",
        "Round the amount in the warehouse to the decimal places that its currency has; nothing is rounded here.",
        words=r"\b(decimal places|decimals)\b",
    ),
)

_CURRENCIES = (
    # Scoro help; the second form is a guess.
    Remedy(
        "multi_currency_disabled",
        "Enable multi-currency in the General Ledger's configuration in Sage Intacct, or send the base currency.",
        words=r"foreign-currency transactions|multi-?currency (is not|isn.t) (enabled|subscribed)",
        field="currency",
    ),
    # guess: no source shows the text.
    Remedy(
        "exchange_rate_missing",
        "Add the exchange rate of that date in Sage Intacct, or send the rate with the row.",
        words=r"\b(no|find|enter|provide|specify|missing|requires?|without|add)\b.{0,30}\bexchange rate(?! type)"
        r"|\bexchange rate\b(?! type).{0,60}\b(missing|required|unavailable|not (found|available|defined|set))"
        r"|\bexchange rate\b(?! type).{0,30}\bmust be (provided|specified|entered)"
        r"|\bexchange rate\b(?! type).{0,60}\bdoes(n.t| not) exist",
        field="currency.exchangeRate",
    ),
    # guess: no source shows the text.
    Remedy(
        "currency_unknown",
        "Use the three-letter code of a currency that is set up and active in Sage Intacct.",
        words=r"\b(invalid|unknown|inactive) (transaction |base |txn )?currency(?! (format|field))\b"
        r"|\bcurrency( code)?[\s:]+(\S+ )?(is )?(invalid|inactive|not (valid|active|enabled|found))\b"
        r"|\bcurrency( code)?[\s:]+(\S+ )?does(n.t| not) exist",
        field="currency",
    ),
    # guess: no source shows the text.
    Remedy(
        "currency_mismatch",
        "Use a currency that the document's entity, its accounts and its customer or vendor have in common.",
        words=r"\bcurrenc(y|ies)\b.{0,120}\b(must (match|be the same|equal)|mismatch|differ|not (match|supported))",
        field="currency",
    ),
)

_TAXES = (
    # intacct-sdk-net issues 160 and 201; Expensify help, INT225.
    Remedy(
        "tax_detail_missing",
        "Give every line a tax detail of the document's tax solution, in its `taxEntries`.",
        words=r"\btax details?\b.{0,30}\b(missing|required)|\b(missing|without|requires?|no)\b.{0,15}\btax details?\b",
    ),
    # fyle-intacct-api, reset_db.sql.
    Remedy(
        "tax_detail_of_another_solution",
        "Use a tax detail that belongs to the tax solution of the document.",
        words=r"\btax (detail|schedule)s?\b.{0,150}\btax solution",
    ),
    # guess: no source shows the text.
    Remedy(
        "tax_unknown",
        "Use a tax detail, tax schedule or tax solution that exists and is active in Sage Intacct.",
        words=r"\b(invalid|inactive|unknown) tax (detail|schedule|solution)"
        r"|\btax (detail|schedule|solution)\b.{0,60}\b(invalid|inactive|not (valid|active|found)|does(n.t| not) exist)",
    ),
)

BOOKS = (*_PERIODS, *_BALANCE, *_CURRENCIES, *_TAXES)
