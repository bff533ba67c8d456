"""Answers about records that are held: by payments, by their state, by approval, by what refers to them."""

from destination_sage_intacct.intacct.advice.remedy import Remedy

_CANNOT = r"(cannot|can.t|can not|may not|must not)"

_HELD = (
    # guess: no source shows the text.
    Remedy(
        "record_locked",
        "Another user or integration holds the record; the row is not at fault: send it again when it is free.",
        words=r"record is locked|locked by|(in use|changed|modified|updated) by another user",
    ),
    # Bill.com help; Ramp help, BL03000215; Sage's help, contract payments; Sage's help, import of bills.
    Remedy(
        "document_paid",
        "The document is paid, at least in part: reverse its payment in Sage Intacct first, or leave it as it is.",
        words=r"already (been )?paid|that(.s| is| has been) paid\b|payment has been made"
        r"|(partially|fully|partially/fully) paid|no due on the (bill|invoice)"
        r"|\b(bill|invoice|document|transaction)( \S+)? (is|was|has been) paid\b"
        r"|\bpayment (has |was )?(already )?(been )?applied\b",
    ),
    # Sage's help, reversals of bills.
    Remedy(
        "selected_for_payment",
        "The document is selected for payment: cancel its payment request in Sage Intacct first.",
        words=r"\bselected (for payment|to be paid|to pay)\b|\b(pending|open) payment request",
    ),
    # guess: bills have such a field (Sage's OpenAPI), no text is documented.
    Remedy(
        "document_on_hold",
        "The document is on hold for payment: release it in Sage Intacct (`isOnHold`), or leave it as it is.",
        words=r"\b(bill|invoice|document|transaction)\b.{0,40}\bon[- ]hold\b",
    ),
    # guess: no source shows the text.
    Remedy(
        "payment_too_large",
        "The payment is larger than the amount still due: lower the payment, or check which payments were applied "
        "already.",
        words=r"\b(payment|amount)\b.{0,40}\b(exceeds?|(greater|more|larger) than)\b.{0,30}\b(due|balance)\b",
    ),
    # guess: no source shows the text; Sage's help says that reversals and voids are final.
    Remedy(
        "document_reversed",
        "The document was reversed or voided, which is final: send the data as a new document with another number.",
        words=r"\b(already|been|is|was) (reversed|voided)\b"
        rf"|\b(reversed|voided) (transaction|document|bill|invoice|payment|entry)s?\b.{{0,20}}\b{_CANNOT}"
        rf"|\b{_CANNOT} (edit|change|update|modify|delete|reverse) an? (reversed|voided)\b",
    ),
    # guess: bank reconciliation is documented, no text is.
    Remedy(
        "transaction_reconciled",
        "The transaction is reconciled with a bank statement: reopen the reconciliation in Sage Intacct first.",
        words=r"\b(is|been|was|already) reconciled\b|\breconciled (transaction|payment|deposit)",
    ),
    # Bill.com help; the other forms are a guess.
    Remedy(
        "document_in_approval",
        "The document is in approval or approved: recall or decline it in Sage Intacct first, or allow changes to "
        "approved documents.",
        words=r"\bapproval mode\b|\b(pending|awaiting|in|submitted for|waiting for) approval\b|\bapproval is pending",
    ),
    # CPW-Innergy-POs-to-Sage-Intacct-Import, live.
    Remedy(
        "state_not_draft",
        "Send `draft`, or map no column to `state`: Sage Intacct then gives the document its usual first state.",
        words=r"state must be draft|not a valid state\b",
        field="state",
    ),
    # QuoteProject_Intacct_Integration, live; its text is not shown.
    Remedy(
        "delete_policy",
        "The transaction definition does not allow its documents to be deleted: close the document, or change the "
        "delete policy.",
        words=r"delete policy",
        ids=("INV-1372",),
    ),
    # ServiceTitan help.
    Remedy(
        "fixed_by_the_transaction_definition",
        "The transaction definition does not allow this field to be edited: map no column to it, or allow it (Setup > "
        "Transaction definitions in Order Entry or Purchasing).",
        words=r"non-editable in (the )?transaction definition",
    ),
    # ServiceTitan help.
    Remedy(
        "not_enough_in_stock",
        "The warehouse does not hold this quantity of the item: book the receipt or an adjustment first, or lower the "
        "quantity.",
        words=r"not enough quantity|insufficient (quantity|stock|inventory)",
        field="item",
    ),
    # Bill.com help.
    Remedy(
        "document_not_to_be_updated",
        "The document is paid or in a closed period: reverse its payment or open the period, or leave it as it is.",
        words=r"not allow (us|you|this user) to (update|edit|change) this (bill|invoice|document|transaction)",
    ),
    # guess: that Order Entry, Purchasing and Contracts own what they make is documented, no text is.
    Remedy(
        "made_elsewhere",
        "Another application of Sage Intacct made this document (Order Entry, Purchasing or Contracts): change it "
        "there.",
        words=r"\b(originated|created|generated) (from|in|by) (an? |the )?(order entry|purchasing|contract|inventory)",
    ),
    # guess: no source shows the text.
    Remedy(
        "document_posted",
        "A posted document cannot be changed: reverse it in Sage Intacct and send the corrected one as a new document.",
        words=rf"\b(posted|approved|submitted)\b.{{0,60}}\b{_CANNOT} be"
        rf"|\b{_CANNOT} (edit|change|update|modify|delete) (an? |the |this )?(posted|approved|submitted)\b"
        r"|\bin (the )?(posted|approved|submitted) state\b"
        r"|\bonly (draft|unposted|unpaid)\b.{0,40}\b(edited|changed|updated|modified|deleted)",
    ),
)

_REFERRED_TO = (
    # guess: no source shows the text.
    Remedy(
        "contact_in_use",
        "Other records use this contact: change it as a separate contact, or give this record another contact.",
        words=r"\bcontact\b.*\b(in use|used by|being used|used in)\b",
        field="contact",
    ),
    # guess: no source shows the text.
    Remedy(
        "record_with_children",
        "Other records have this one as their parent: move or delete those first, or make this one inactive "
        "(`status`).",
        words=r"\bhas (active )?(child|children|sub-?\w+s)\b",
    ),
    # guess: no source shows the text.
    Remedy(
        "record_in_use",
        "Other records use this one, so it stays: make it inactive (`status`) instead of deleting it.",
        words=r"\b(in use|being used|referenced by|is used (by|in|on))\b"
        rf"|\b({_CANNOT}|could not) be deleted\b.{{0,60}}\b(us(e|ed|es)|refer\w*|associated|transactions?|exist)\b"
        rf"|\b{_CANNOT} delete\b.{{0,80}}\b(referenced|associated|has transactions|transactions exist)\b",
    ),
    # guess: no source shows the text.
    Remedy(
        "own_parent",
        "A record cannot be its own parent, neither directly nor through others: correct the parent in the row.",
        words=r"\bcircular\b|\b(its|their) own parent\b|\bparent of itself\b",
        field="parent",
    ),
)

DOCUMENTS = (*_HELD, *_REFERRED_TO)
