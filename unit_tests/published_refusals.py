"""What vendors of integrations and Sage itself list as refusals of Sage Intacct: `docs/advice.md` names the lists.

The words are cut to what tells a refusal from others; names and numbers are made up.
"""

from refusals import Refusal, refusal

# help.expensify.com, Sage Intacct error codes, in Expensify's words; the comments are its numbers.
EXPENSIFY = (
    refusal("manager_without_user", "The employee's manager doesn't have a user account in Sage Intacct"),  # INT009
    refusal("manager_without_user", "Employee manager does not have a user associated"),  # INT009, of old
    refusal("reason_for_expense", "Sage Intacct requires a 'Reason for Expense' note"),  # INT012
    refusal("reason_for_expense", '"Reason for expense" note is invalid'),  # INT012, of old
    refusal("employee_without_location", "Sage Intacct requires employees to have a location", at="location"),  # INT028
    refusal("dimension_empty", "Use of an empty location is invalid", at="location"),  # INT028, of old
    refusal("books_closed", "Date associated with export must be on or after 01/01/2026"),  # INT035
    refusal("permission_missing", "The 'xml_gateway' user is missing required permissions"),  # INT043
    refusal("permission_missing", "Not authorized to execute this function"),  # INT043, of old
    refusal("reference_missing", "No Sage Intacct employee found for jane@example.com", at="employee"),  # INT054
    refusal("dimension_required", "Sage Intacct requires a tag for account 6000"),  # INT073
    refusal("billable_without_item", "Expense item Meals isn't mapped to a valid billable expense type"),  # INT083
    refusal(
        "dimension_of_a_line_invalid",
        "Couldn't validate service line 2. Check that all tags exist and are active",
        at="lines",
    ),  # INT084
    refusal("subledger_closed", "Cash Management subledger is closed"),  # INT088
    refusal("credit_card_expired", "Credit Card VISA is invalid. Check the card's expiration date"),  # INT093
    refusal("client_or_user_unknown", "Authentication error during sync", 400),  # INT122
    refusal(
        "reference_missing",
        "The employee record couldn't be found. Ensure that there are no duplicate employee records",
        at="employee",
    ),  # INT149
    refusal("session_failed", "Session initialization error"),  # INT176
    refusal("billable_disabled", "Billable expenses were selected, but billable options are turned off"),  # INT194
    refusal(
        "project_of_another_customer", "The selected project isn't associated with the selected customer", at="project"
    ),  # INT205
    refusal("tax_detail_missing", "Tax details are missing or invalid"),  # INT225
    refusal("coding_invalid", "Unable to export report due to invalid coding on $0.00 expenses", at="lines"),  # INT304
    refusal("on_hold", "Vendor VEN-000123 is marked as 'On Hold'", at="vendor"),  # INT446
    refusal("category_missing", "Unable to find category Travel"),  # INT459
    refusal("employee_not_in_project", "The submitter is not a resource of project P-1", at="employee"),  # INT480
    refusal("expense_types_disabled", "Could not create the expense because “Expense Type” isn't enabled"),  # INT503
    refusal("expense_types_disabled", "No Expense Types found"),  # INT576
    refusal(
        "smart_rule_about_the_level", "Smart Rule R1 violated. This record must be created at the Entity level"
    ),  # INT592
    refusal("reference_missing", "Couldn't find a vendor record for the report submitter", at="vendor"),  # INT664
    refusal("account_missing", "Please categorize any uncategorized expenses", at="glAccount"),  # INT680
    refusal("period_closed", "The batches for this reporting period are closed"),  # INT771
    refusal(
        "account_of_a_card_restricted",
        "Couldn't create the transaction because account 2100 (linked to Credit Card VISA) is restricted",
        at="glAccount",
    ),  # INT860
    refusal("no_reason_given", "Could not create 'cctransaction' record in Sage Intacct."),  # INT993
)

# help.bill.com, Sage Intacct sync errors.
BILL_COM = (
    refusal("vendor_1099", "The vendor 'V-1' is 1099 enabled", at="vendor"),
    refusal("id_missing", "Required field Vendor ID is missing", at="id"),
    refusal("term_missing", "The term name Net 45 is invalid", at="term"),
    refusal("document_paid", "Transaction '77' is already paid and can't be deleted."),
    refusal("document_paid", "There is no due on the bill 77"),
    refusal("account_of_a_bank", "The account number 2100 is associated to the Credit Card VISA and 1", at="glAccount"),
    refusal("account_of_a_credit_card", "Please link vendor to this Charge Card."),
    refusal("top_level_record", "You cannot update a root level vendor from an entity/restricted user with one entity"),
    refusal("client_or_user_unknown", "Intacct user authentication failure", 400),
    refusal(
        "document_in_approval", "The amount cannot be updated on the Bill because of the current approval mode set"
    ),
    refusal("document_not_to_be_updated", "Intacct does not allow us to update this bill"),
    refusal("text_too_long", "poNumber: Maximum length cannot be greater than 100 characters"),
    refusal(
        "smart_rule_about_the_level",
        "Smart rule vendor_creation was violated | This record needs to be created at the top level.",
    ),
)

# support.ramp.com, Sage Intacct sync errors.
RAMP = (
    refusal("document_paid", "The Document State is not valid. Cannot update a document that's paid."),
    refusal(
        "negative_lines_of_several_entities",
        "You cannot apply negative line items in transactions with line items for multiple entities.",
        error_id="BL03002073",
        at="lines",
    ),
    refusal("smart_rule", "Smart rule VENDOR_INVOICE_ATTACHMENT was violated | Vendor invoice attachment is required"),
    refusal("period_closed", "This bill's accounting date is in a closed accounting period"),
    refusal("entity_access", "The user does not have access to the entity", 403),
)

# fyle-intacct-api, errors.py; those that stand in `refusals` already are not repeated.
FYLE = (
    refusal("reference_missing", "Invalid Job 'J-1' specified."),
    refusal("reference_missing", "The department 'Sales' is invalid.", at="department"),
    refusal("reference_missing", "The location 'Paris' is invalid.", at="location"),
    refusal("reference_missing", "Project 'P-1' specified is not valid.", at="project"),
    refusal("dimension_required", "This transaction is missing the Job dimension for the Account 6000"),
    refusal("dimension_required", "This transaction is missing the Item dimension for the Account 6000", at="item"),
    refusal("dimension_required", "This transaction is missing the Grant dimension for the Account 6000"),
    refusal(
        "dimension_required", "This transaction is missing the Employee dimension for the Account 6000", at="employee"
    ),
)

# help.nexonia.com, Intacct expense data integration; help.servicetitan.com, Intacct integration error messages.
NEXONIA_AND_SERVICETITAN = (
    refusal("before_the_employee_joined", "Cannot create expense before employee joining date 01/31/2026"),
    refusal("period_closed", "Your transaction date (10/26/2016) is within a period that's been closed."),
    refusal(
        "warehouse_without_location", "Location ID is required for the multi-entity shared warehouse", at="location"
    ),
    refusal(
        "dimension_empty",
        "Use of empty Location is invalid. A valid Multi-Entity Location must be specified.",
        at="location",
    ),
    refusal("smart_rule", "Smart Rule R-17 Violated"),
    refusal(
        "fixed_by_the_transaction_definition",
        "Bill to Contact is configured as non-editable in Transaction Definition. You cannot change it.",
    ),
    refusal("not_enough_in_stock", "There is not enough quantity for Item ID 'I-1' Quantity needed : 4", at="item"),
)

# Sage: help on CSV imports, contract invoices and reversals, the developer FAQ, the SDKs' issues; clients of the APIs.
SAGE = (
    refusal(
        "sender_not_authorized",
        "The sender ID 'acme-etl' is not authorized to make Web Services requests to company ID 'acme'.",
        error_id="XL03000006",
    ),
    refusal("sender_not_authorized", "Incorrect Intacct XML Partner ID or password.", error_id="XL03000006"),
    refusal(
        "web_services_not_subscribed",
        "This company is not authorized for XML transactions. Please subscribe to the XML Gateway.",
    ),
    refusal("company_expired", "This company is a demo company and has expired.", error_id="PL04000055"),
    refusal("due_date_missing", "The record requires the field Due Date", at="dueDate"),
    refusal("document_paid", "Transaction is partially/fully paid for"),
    refusal("period_closed", "Periods are closed"),
    refusal("credit_limit", "The customer's credit limit was exceeded", at="customer"),
    refusal("on_hold", "Customer is on hold", at="customer"),
    refusal("contract_line_ended", "The contract line was canceled on 01/31/2026."),
    refusal("restricted_combination", "Invalid contract C-1. Contract is restricted by Region."),
    refusal("selected_for_payment", "The bill has been selected for payment"),
    refusal("number_missing", "Enter a Bill number, and try again.", error_id="BL03002128", at="billNumber"),
    refusal("number_missing", "Document Number is missing"),
    refusal("line_amount_missing", "Remove the extra line item in the request", error_id="BL03002101", at="lines"),
    refusal("tax_detail_missing", "Tax details are either missing or don't belong to the tax solution."),
    refusal("dates_reversed", "Exmployee cannot stop working before he starts", at="endDate"),
    refusal("no_such_record", "No record exits for the recordkey 43"),
    refusal("not_subscribed", "Multivisibility is not subscribed. Cannot set up multivisibility."),
    refusal("unit_missing", "Missing unit", error_id="BL03000018"),
    refusal(
        "refused_with_others",
        "The entire transaction in this operation has been rolled back due to an error.",
        error_id="XL03000009",
    ),
    refusal("account_override", "Enable GL account override, or allow AP or AR account override", at="glAccount"),
    refusal("account_override", "Currently, we cannot create the transaction", error_id="AR-0279", at="glAccount"),
    refusal("no_reason_given", "Currently, we can't create the transaction", error_id="BL01001973"),
    refusal(
        "computed_field",
        "/lines/2/isSubtotal is a read-only field",
        400,
        error_id="REST-1050",
        field="lines.2.isSubtotal",
        at="lines.2.isSubtotal",
    ),
)

# Documented rules whose words no source shows.
GUESSED = (
    refusal("due_date_too_early", "The due date cannot be earlier than the invoice date", at="dueDate"),
    refusal("after_the_employee_left", "The date is after the employee termination date 01/31/2026"),
    refusal("dates_reversed", "The end date must not be before the start date", at="endDate"),
    refusal("approver_missing", "No approver was found for this bill"),
    refusal("unbalanced_within_entities", "Debits and credits do not balance by entity"),
    refusal("amount_zero", "The amount cannot be zero"),
    refusal("too_many_decimals", "Amounts may have two decimal places"),
    refusal("currency_unknown", "Invalid currency 'EURO'", at="currency"),
    refusal("currency_unknown", "Currency EURO is not valid", at="currency"),
    refusal("exchange_rate_missing", "Enter an exchange rate, and try again", at="currency.exchangeRate"),
    refusal("tax_unknown", "Tax schedule 'VAT 20' does not exist"),
    refusal("restricted_to_other_entities", "Department 'Sales' is not available in this entity", at="department"),
    refusal("dimension_required", "Department is required for the account 6000", at="department"),
    refusal("dimension_required", "The line is missing a required dimension"),
    refusal("statistical_account", "Statistical accounts can be used in statistical journals only", at="glAccount"),
    refusal("category_missing", "Category 'Travel' does not exist"),
    refusal("document_on_hold", "The bill is on hold"),
    refusal("inter_entity_accounts", "No inter-entity relationship exists between US and CA"),
    refusal("part_of_another", "Task T-1 does not belong to project P-1"),
    refusal("on_hold", "Customer C-1 is on credit hold", at="customer"),
    refusal("document_paid", "The bill is paid and cannot be modified"),
    refusal("document_paid", "A payment has already been applied to the invoice"),
    refusal("document_posted", "Cannot edit a transaction in Posted state"),
    refusal("document_in_approval", "Approval is pending"),
    refusal("dimension_required", "Required dimension missing: Location"),
    refusal("dimension_required", "Department is a required dimension", at="department"),
    refusal("restricted_to_other_entities", "Department Sales is not valid for entity 100", at="department"),
    refusal("field_required", "Select a department for line 1", at="department"),
    refusal("field_required", "Vendor ID is required"),
    refusal("reference_missing", "Select a valid vendor", at="vendor"),
    refusal("reference_missing", "Bank account B-1 does not exist"),
    refusal("reference_missing", "Account label Sales is invalid", at="accountLabel"),
    refusal("account_override", "The user does not have permission to override GL account", at="glAccount"),
    refusal("subledger_closed", "Accounts Receivable is closed"),
    refusal("duplicate_contact", "The contact Acme already exists"),
    refusal("duplicate_contact", "The contact name is already in use"),
    refusal("duplicate_document_number", "Invoice I-1 already exists"),
    refusal("before_the_employee_joined", "The employee start date is after the expense date"),
    refusal("vendor_1099", "1099 information is required for this vendor", at="vendor"),
    refusal("client_or_user_unknown", "Company ID is invalid", 400),
    refusal("web_services_not_subscribed", "Web services is not enabled for this company"),
    refusal("unit_missing", "UOM is not valid for item I-1"),
    refusal("project_status", "Project P-1 is closed", at="project"),
    refusal("record_locked", "The record was modified by another user"),
    refusal("exchange_rate_missing", "The exchange rate must be provided", at="currency.exchangeRate"),
    refusal("due_date_too_early", "Due date must be on or after the invoice date", at="dueDate"),
    refusal("payment_too_large", "The payment amount exceeds the amount due on the invoice"),
    refusal("document_reversed", "The bill has already been reversed"),
    refusal("document_reversed", "A reversed transaction cannot be edited"),
    refusal("document_reversed", "The payment was voided"),
    refusal("transaction_reconciled", "The payment is reconciled and cannot be changed"),
    refusal("document_in_approval", "The bill is awaiting approval"),
    refusal("made_elsewhere", "The invoice was created from Order Entry"),
    refusal("document_posted", "You cannot edit a posted journal entry"),
    refusal("document_posted", "Only draft bills can be deleted"),
    refusal("record_with_children", "The department has child departments"),
    refusal("record_in_use", "You cannot delete the vendor because transactions exist"),
    refusal("own_parent", "A customer cannot be its own parent", at="parent"),
    refusal("sequence_ended", "The document sequence BILLS is exhausted"),
    refusal("id_numbered_by_sage", "Leave the number empty: a document sequence is used", at=""),
    refusal("attachment_missing", "The attachment 'A-1' does not exist", at="attachment"),
    refusal("reference_inactive", "Inactive Department selected", at="department"),
    refusal("reference_inactive", "Project 'P-1' is not an active project", at="project"),
    refusal("characters_not_allowed", "The name holds illegal characters"),
    refusal("country_unknown", "Invalid country 'Atlantis'"),
    refusal("text_format", "Invalid email address"),
    refusal("entity_wanted", "Credit card transactions cannot be created at the top level"),
    refusal("owned_by_another_entity", "The record is not owned by this entity"),
    refusal("reference_missing", "Customer type 'Gold' does not exist", at="customerType"),
)

PUBLISHED: tuple[Refusal, ...] = (
    *EXPENSIFY,
    *BILL_COM,
    *RAMP,
    *FYLE,
    *NEXONIA_AND_SERVICETITAN,
    *SAGE,
)
