app_name = "zkteco_biometric"
app_title = "ZKTeco Biometric"
app_publisher = "ZKTeco Biometric contributors"
app_description = "ZKTeco punches into Frappe HR as Employee Checkins"
app_email = "zkteco-biometric@example.com"
app_license = "mit"
required_apps = ["frappe/erpnext", "frappe/hrms"]

after_install = "zkteco_biometric.install.after_install"
after_migrate = "zkteco_biometric.install.after_migrate"
after_uninstall = "zkteco_biometric.uninstall.after_uninstall"

scheduler_events = {"all": ["zkteco_biometric.sync.enqueue_due_devices"]}
