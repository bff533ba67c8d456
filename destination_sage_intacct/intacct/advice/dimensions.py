"""Answers about accounts, dimensions and what may be combined with what."""

from destination_sage_intacct.intacct.advice.remedy import NOUN, Remedy, absent

_LOCATIONS = (
    # Expensify help, INT028.
    Remedy(
        "employee_without_location",
        "Give the employee a location in Sage Intacct, or send it with the row.",
        words=r"requires employees? to have a location",
        field="location",
    ),
    # ServiceTitan help.
    Remedy(
        "warehouse_without_location",
        "Send the location of the warehouse: several entities share it.",
        words=r"location id is required for the multi-entity",
        field="location",
    ),
    # Expensify help, INT028, and ServiceTitan help; other dimensions are a guess.
    Remedy(
        "dimension_empty",
        "Fill this dimension on the document and on each of its lines with one that exists; at the top level of a "
        "company with entities, no location may be empty.",
        words=rf"\bempty (?P<noun>{NOUN})\b.{{0,20}}\b(invalid|not (valid|allowed))",
    ),
)

_RESTRICTED = (
    # guess: restrictions to entities are documented (Sage's OpenAPI, restriction), no text is.
    Remedy(
        "restricted_to_other_entities",
        "The record that the row refers to is restricted to other entities: widen its restriction in Sage Intacct, or "
        "use another one.",
        words=rf"(?P<noun>{NOUN})\b.*\brestricted (to|from)\b|cannot be used (in|at) (this|the) (entity|location)"
        rf"|(?P<noun2>{NOUN})\b.{{0,80}}\bnot (available|valid|allowed) (in|at|for) (this |the )?entity"
        rf"|(?P<noun3>{NOUN})\b.{{0,80}}\bdoes not belong to (this |the )?entity",
    ),
    # guess: inter-entity accounts are documented, no text is.
    Remedy(
        "inter_entity_accounts",
        "Set up the inter-entity accounts between these entities in Sage Intacct, or keep the document in one entity.",
        words=r"\bno inter-?entity\b"
        r"|\binter-?entity (transactions?|relationships?|accounts?|account mapping)\b.{0,40}\b(missing|required)"
        r"|\binter-?entity (transactions?|relationships?|accounts?)\b.{0,40}\bnot (enabled|set up|defined|found)",
    ),
    # Expensify help, INT860.
    Remedy(
        "account_of_a_card_restricted",
        "The account of the credit card is restricted: lift the restriction in the chart of accounts, or use another "
        "account.",
        words=r"\baccount\b.{0,60}\blinked to\b.{0,60}\bis restricted",
        field="glAccount",
    ),
    # fyle-intacct-api, errors.py; Sage's help, contract invoices.
    Remedy(
        "restricted_combination",
        "Sage Intacct allows this value only with certain others: use one that fits the rest of the line, or change "
        "the restriction in Sage Intacct.",
        words=rf"(?P<noun>{NOUN})\b.*\bis restricted\b(?! to)|(?P<noun2>{NOUN})\b.*\brestricted by\b"
        r"|\bis restricted by\b",
    ),
)

_REQUIRED = (
    # fyle-intacct-api, errors.py; Expensify help, INT073; the last three forms are a guess.
    Remedy(
        "dimension_required",
        "The account requires this dimension: fill it on every line that uses the account.",
        words=rf"missing (the )?'?(?P<noun>{NOUN})'? dimension|account (number )?\S+ requires an? ?(?P<noun2>{NOUN})?"
        rf"|requires a (tag|dimension)\b|(missing|without) (a )?required dimension"
        rf"|required dimensions? (is |are )?missing|account requires (an? )?(?P<noun4>{NOUN})\b"
        rf"|(?P<noun5>{NOUN}) is a required dimension"
        rf"|(?P<noun3>{NOUN})( dimension)? is required (for|by|on|with) (the |this )?(gl )?account",
    ),
    # fyle-intacct-api, errors.py.
    Remedy(
        "dimension_filled_by_sage",
        "Sage Intacct fills this dimension itself: map no column to it, or send the value that the message names.",
        words=rf"(?P<noun>{NOUN}) must be .*auto-filled",
    ),
    # Expensify help, INT084.
    Remedy(
        "dimension_of_a_line_invalid",
        "A dimension of that line does not exist or is inactive: check the ids of all its dimensions in Sage Intacct.",
        words=r"validate (the )?service line",
        field="lines",
    ),
    # Expensify help, INT304.
    Remedy(
        "coding_invalid",
        "Check the account and dimensions of every line: they must exist and be active, also on lines with the amount "
        "0.",
        words=r"\binvalid coding\b",
        field="lines",
    ),
)

_PROJECTS = (
    # Scoro help; Expensify help, INT205.
    Remedy(
        "project_of_another_customer",
        "Use a project that belongs to the customer of the document, or to one of its child customers.",
        words=r"project dimension you selected|project\b.{0,60}\bnot related to .*customer"
        r"|project\b.{0,60}\b(isn.t|is not|not) (associated with|linked to|assigned to)\b.{0,40}\bcustomer",
        field="project",
    ),
    # guess: no source shows the text.
    Remedy(
        "part_of_another",
        "One of the two does not belong to the other in Sage Intacct: use a pair that belongs together.",
        words=rf"\b(?P<noun>{NOUN})\b.{{0,40}}\bdoes(n.t| not) belong to (the |this |that )?({NOUN})\b",
    ),
    # fyle-intacct-api, errors.py; Expensify help, INT480.
    Remedy(
        "employee_not_in_project",
        "Add the employee to the resources of the project in Sage Intacct, or use another project.",
        words=r"(isn.t|is not) a resource of (the )?project",
        field="employee",
    ),
    # fyle-intacct-api, errors.py.
    Remedy(
        "project_status",
        "The status of the project does not allow anything to be booked to it: change it in Sage Intacct, or use "
        "another project.",
        words=r"project status that prevents|\bproject( \S+)? is (closed|completed)\b",
        field="project",
    ),
)

_ACCOUNTS = (
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    Remedy(
        "subtotal_account_label",
        "Use an account label that is not one for subtotals, or an account (`glAccount`) instead of the label.",
        words=r"subtotal (account )?labels?\b",
        ids=("AR-0148",),
        field="accountLabel",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live: AR-0279 wraps other reasons too, alone it is this one.
    Remedy(
        "account_override",
        "Send an account label instead of the account, or let the user override accounts: enable GL account override "
        "in Sage Intacct's receivables or payables configuration, and give the user the permission.",
        words=r"account override|override (the )?(gl|ar|ap) account"
        r"|AR-0279 currently, we (can ?not|can.t) create the transaction",
        field="glAccount",
    ),
    # guess: Sage's OpenAPI lets a line name either; no source shows the text.
    Remedy(
        "account_label_required",
        "Send `accountLabel` where the company uses account labels, otherwise `glAccount`.",
        words=r"\b(choose|enable|enter|requires?|select|uses?)\b.{0,60}\baccount labels?\b",
        field="accountLabel",
    ),
    # Scoro help, Bill.com help, fyle-intacct-api.
    Remedy(
        "account_of_a_bank",
        "The account belongs to a bank account or a credit card: use another account on this line.",
        words=r"account number \S+ is associated to",
        field="glAccount",
    ),
    # Bill.com help.
    Remedy(
        "account_of_a_credit_card",
        "The account is the offset account of a credit card: pay from another account, or change the credit card's "
        "offset account (Cash Management).",
        words=r"link (a |the )?vendor to this (charge|credit) card",
    ),
    # Expensify help, INT093.
    Remedy(
        "credit_card_expired",
        "The credit card has expired in Sage Intacct: enter a later expiration date there (Cash Management).",
        words=r"\b(credit|charge) card\b.{0,80}\bexpir",
    ),
    # Scoro help, Black River Technologies; Expensify help, INT680.
    Remedy(
        "account_missing",
        "Give the line an account that exists in Sage Intacct.",
        words=r"enter an? (valid )?account number|uncategori[sz]ed expenses?",
        field="glAccount",
    ),
    # guess: statistical journals and accounts are documented, no text is.
    Remedy(
        "statistical_account",
        "Post to statistical accounts in a statistical journal only, and to all others in an ordinary one.",
        words=r"\bstatistical (account|journal)s?\b.{0,60}\b(only|cannot|can.t|must|not allowed)\b"
        r"|\b(only|cannot|can.t|must|not allowed)\b.{0,60}\bstatistical (account|journal)",
        field="glAccount",
    ),
    # fyle-intacct-api, errors.py; the words about posting are a guess.
    Remedy(
        "account_invalid",
        "Use an account that exists, is active and can be posted to.",
        words=r"\baccount (number )?(?!label\b)\S+ is (not valid|invalid)|not a posting account"
        r"|(cannot|can.t|can not) post to (this |the |a )?(\w+ )?account|non-?posting account",
        field="glAccount",
    ),
    # Expensify help, INT459.
    Remedy(
        "category_missing",
        "Use an expense type (expense reports) or an account (bills) that exists and is active in Sage Intacct.",
        words=r"\b(find|found) (the |a )?category\b|" + absent(r"category"),
    ),
)

DIMENSIONS = (*_LOCATIONS, *_RESTRICTED, *_REQUIRED, *_PROJECTS, *_ACCOUNTS)
