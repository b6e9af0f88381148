app_name = "zkteco_biometric"
app_title = "ZKTeco Biometric"
app_publisher = "ZKTeco Biometric contributors"
app_description = "ZKTeco punches into Frappe HR as Employee Checkins"
app_email = "zkteco-biometric@example.com"
app_license = "mit"
required_apps = ["frappe/erpnext", "frappe/hrms"]

# No `app_logo_url`: Frappe 15 would take it for the logo of the whole Desk. The route has a space because Frappe compares
# its end with the workspace's name, and leads to another workspace where they differ; it is redirected to the one with a
# hyphen. Were it no route of Desk at all, Frappe 15 would send everybody to the page of apps after the log-in.
add_to_apps_screen = [
	{
		"name": "zkteco_biometric",
		"logo": "/assets/zkteco_biometric/images/zkteco_biometric.svg",
		"title": "ZKTeco Biometric",
		"route": "/app/zkteco biometric",
		"description": "Punches of ZKTeco terminals as check-ins",
		"has_permission": "zkteco_biometric.app_permission.may_open_app",
	}
]
website_redirects = [{"source": r"/(app|desk)/zkteco biometric", "target": r"/\1/zkteco-biometric"}]

before_app_install = "zkteco_biometric.takeover.other_app.refuse_the_other_app"
after_install = "zkteco_biometric.install.after_install"
after_migrate = "zkteco_biometric.install.after_migrate"
before_uninstall = "zkteco_biometric.uninstall.before_uninstall"
after_uninstall = "zkteco_biometric.uninstall.after_uninstall"

scheduler_events = {
	"all": [
		"zkteco_biometric.sync.enqueue_due_devices",
		"zkteco_biometric.user_control.sweep",
		"zkteco_biometric.importing.go_on_with_imports",
		"zkteco_biometric.frappe_hr.notices.sweep_notices",
	],
	"daily_long": ["zkteco_biometric.frappe_hr.pending_triggers.sweep_pending"],
}

_SHIFTS_CHANGED = "zkteco_biometric.frappe_hr.pending_triggers.shifts_changed"

doc_events = {
	"Employee": {
		"before_rename": "zkteco_biometric.frappe_hr.device_user_triggers.employee_merged",
		"on_update": "zkteco_biometric.frappe_hr.pending_triggers.employee_changed",
	},
	"Employee Checkin": {"on_trash": "zkteco_biometric.frappe_hr.pending_triggers.check_in_deleted"},
	"HR Settings": {"on_update": _SHIFTS_CHANGED},
	"Shift Assignment": {
		"on_submit": _SHIFTS_CHANGED,
		"on_update_after_submit": _SHIFTS_CHANGED,
		"on_cancel": _SHIFTS_CHANGED,
	},
	"Shift Type": {"on_update": _SHIFTS_CHANGED},
}

# Records of what was: they keep nobody from deleting a device, an employee or a check-in.
ignore_links_on_delete = [
	"ZKTeco Device User",
	"ZKTeco Incident",
	"ZKTeco Pending Punch",
	"ZKTeco Sync Log",
	"ZKTeco Terminal",
]

# What both the list and the form of a doctype, and the report of unknown codes, ask a person.
doctype_list_js = {
	"Employee": ["public/js/fetch_check_ins.js", "public/js/employee_list.js"],
	"ZKTeco Device User": "public/js/device_users.js",
	"ZKTeco Pending Punch": "public/js/pending_punches.js",
	"ZKTeco Terminal": "public/js/terminals.js",
}

# The header of a device, and the dialogs of imports and of device users, are delivered with the form's own script.
doctype_js = {
	"Employee": [
		"public/js/form_head.js",
		"public/js/fetch_check_ins.js",
		"public/js/device_users.js",
		"public/js/employee.js",
	],
	"Employee Checkin": ["public/js/form_head.js", "public/js/employee_checkin.js"],
	"ZKTeco Biometric Settings": [
		"public/js/device_header.js",
		"public/js/device_watch.js",
		"public/js/import_dialog.js",
		"public/js/device_users.js",
	],
}

default_log_clearing_doctypes = {"ZKTeco Incident": 180, "ZKTeco Pending Punch": 180, "ZKTeco Sync Log": 90}
