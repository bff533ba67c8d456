"""Answers about vendors, customers and employees: held ones, 1099 forms, credit limits, expenses, approvers."""

from destination_sage_intacct.intacct.advice.remedy import Remedy

_PARTIES = (
    # Expensify help, INT446; Sage's help, contract invoices.
    Remedy(
        "on_hold",
        "This customer or vendor is on hold, so nothing new is booked for it: take it off hold in Sage Intacct "
        "(`isOnHold`), or hold the row back until then.",
        words=r"\b(?P<noun>vendor|customer|supplier)\b.{0,80}\b(is|was|been|marked|placed|put)\b.{0,15}"
        r"\bon[- ](credit )?hold\b"
        r"|\b(?P<noun2>vendor|customer|supplier)( \S+)? on[- ](credit )?hold\W*$",
    ),
    # Bill.com help.
    Remedy(
        "vendor_1099",
        "The vendor gets a 1099 form: send the form and box of the line (`form1099.type`, `form1099.box`), or enable "
        "the override of the 1099 flag in the Accounts Payable configuration.",
        words=r"\b1099[- ](enabled|vendor|form|box|type|categor|value|information|details)|\bform[- ]1099\b"
        r"|\bis an? 1099\b",
        field="vendor",
    ),
    # Sage's help, contract invoices.
    Remedy(
        "credit_limit",
        "The customer's credit limit is exceeded: raise it in Sage Intacct (`creditLimit`), or have open invoices "
        "paid.",
        words=r"\bcredit limit\b.{0,40}\bexceed|\bexceed\w*\b.{0,60}\bcredit limit",
        field="customer",
    ),
)

_EMPLOYEES = (
    # Nexonia help.
    Remedy(
        "before_the_employee_joined",
        "The document's date is before the employee's start date: correct the date in the row, or the employee's start "
        "date (`startDate`) in Sage Intacct.",
        words=r"\b(before|earlier than|prior to)\b.{0,20}\bemployee\b.{0,30}\b(joining|joined|start|hire|hired)\b"
        r"|\bemployee(.s)? (joining|start|hire) date\b.{0,20}\bafter\b",
        about_the_date=True,
    ),
    # guess: the counterpart of the one above; no source shows the text.
    Remedy(
        "after_the_employee_left",
        "The document's date is after the employee's end date: correct the date in the row, or the employee's end date "
        "(`endDate`) in Sage Intacct.",
        words=r"\bafter\b.{0,20}\bemployee\b.{0,30}\b(leaving|left|end|termination|terminated)\b",
        about_the_date=True,
    ),
    # intacct-sdk-net issue 38; the second form is a guess.
    Remedy(
        "dates_reversed",
        "The end date is before the start date, in the row or in the record: correct one of the two.",
        words=r"stop working before"
        r"|\b(end|termination) date\b.{0,40}\b(before|earlier than|prior to|precedes?)\b.{0,20}\bstart",
        field="endDate",
    ),
    # Expensify help, INT009.
    Remedy(
        "manager_without_user",
        "The employee's manager must approve, but has no user: give the manager a user in Sage Intacct, or change the "
        "approval settings (Time & Expenses > Configure Time & Expenses).",
        words=r"\b(manager|supervisor|approver)\b.{0,20}\b(does not|doesn.t|did not) have an? (\w+ )?user\b",
    ),
    # guess: no source shows the text.
    Remedy(
        "approver_missing",
        "Nobody is set up to approve this document: add an approver to the approval policy in Sage Intacct.",
        words=r"\bno approvers?\b|\bapprovers?\b.{0,30}\bnot (found|set up|defined|assigned)",
    ),
)

_EXPENSES = (
    # Expensify help, INT012.
    Remedy(
        "reason_for_expense",
        "Send the reason for the expense, or stop requiring it (Time & Expenses > Configure Time & Expenses > "
        "Expense report requirements).",
        words=r"\b(requires?|missing|enter|provide)\b.{0,20}\breason for expense\b"
        r"|\breason for expense\W{0,2}( note)? is (invalid|missing|required)",
    ),
    # Expensify help, INT194.
    Remedy(
        "billable_disabled",
        "Billable expenses are turned off: turn them on in Sage Intacct, or send the line as not billable.",
        words=r"\bbillable (options?|expenses?|settings?)\b.{0,20}\b(turned off|disabled|not enabled)",
    ),
    # Expensify help, INT083.
    Remedy(
        "billable_without_item",
        "This expense type or account cannot be billed: choose one that can, assign it an item in Sage Intacct, or "
        "send the line as not billable.",
        words=r"\bvalid billable\b|\bbillable expense types?\b",
    ),
    # Expensify help, INT503 and INT576.
    Remedy(
        "expense_types_disabled",
        "Enable expense types and create them in Sage Intacct (Time & Expenses > Setup), or send bills instead of "
        "expense reports.",
        words=r"\bexpense types?\b\W{0,3} (isn.t|is not|aren.t|are not) enabled|\bno expense types?\b",
    ),
)

PEOPLE = (*_PARTIES, *_EMPLOYEES, *_EXPENSES)
