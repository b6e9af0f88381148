// What is asked and told wherever people are enabled on devices: list and form of device users, and the device's form.
// Frappe delivers it with the scripts of both doctypes (hooks.py).

frappe.provide("frappe.zkteco_users");

(function (users) {
	const USER = "ZKTeco Device User";
	const SETTINGS = "ZKTeco Biometric Settings";
	const SITE_SETTINGS = "ZKTeco Site Settings";

	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	users.may_enable = () => frappe.model.can_write(SETTINGS);
	users.show = (filters) => frappe.set_route("List", USER, filters);

	// Without a device: on all of them, or on the one that is chosen in the dialog.
	users.enable_everyone = function ({ device, suggested, done }) {
		return frappe.db.get_single_value(SITE_SETTINGS, "keep_left_disabled").then((keeps_left) => {
			const dialog = new frappe.ui.Dialog({
				title: device ? __("Enable Everyone on {0}", [escape(device)]) : __("Enable Everyone"),
				fields: fields_of({ device, suggested, keeps_left: Number(keeps_left) }),
				primary_action_label: __("Enable Everyone"),
				primary_action(values) {
					dialog.hide();
					return send_everyone(device || values.device, values.include_left).then(done);
				},
			});
			dialog.show();
		});
	};

	function fields_of({ device, suggested, keeps_left }) {
		return [
			!device && {
				fieldname: "device",
				fieldtype: "Link",
				options: SETTINGS,
				label: __("Device"),
				default: suggested,
				description: __("Empty: all devices."),
			},
			{ fieldname: "about", fieldtype: "HTML", options: about() },
			keeps_left && {
				fieldname: "include_left",
				fieldtype: "Check",
				label: __("Also People Who Left"),
				description: __("Unticked: they stay disabled, as the site settings say."),
			},
		].filter(Boolean);
	}

	function about() {
		const lines = [
			__("Every person whom this app has disabled gets back what they had on the device before."),
			__("Nobody of them is disabled again before their next OUT."),
			__("Who cannot be reached now is tried again by itself, and stays in the list until then."),
		];
		return `<p>${lines.join(" ")}</p>`;
	}

	function send_everyone(device, include_left) {
		return frappe
			.call({
				method: "zkteco_biometric.api.enable_everyone",
				type: "POST",
				args: { device: device || null, include_left: include_left ? 1 : 0 },
				freeze: true,
				freeze_message: __("Enabling everyone…"),
			})
			.then(({ message }) => tell_everyone(message));
	}

	function tell_everyone({ people, worker }) {
		if (!people)
			return frappe.show_alert({
				message: __("Nobody is disabled by this app."),
				indicator: "green",
			});
		if (!worker) return users.no_worker();
		const told =
			people === 1
				? __("1 person is being enabled. The list says when the server has confirmed it.")
				: __("{0} people are being enabled. The list says when the server has confirmed it.", [
						people,
					]);
		return frappe.show_alert({ message: told, indicator: "blue" });
	}

	users.enable_person = function (doc, done) {
		const name = escape(doc.employee_name || doc.employee).bold();
		return frappe.confirm(
			__(
				"Enable {0} on {1} now? They get back what they had there before, and are not disabled again before their next OUT.",
				[name, escape(doc.device).bold()],
			),
			() => send_person(doc.name).then(done),
		);
	};

	function send_person(name) {
		return frappe
			.call({
				method: "zkteco_biometric.api.enable_person",
				type: "POST",
				args: { name },
				freeze: true,
				freeze_message: __("Enabling…"),
			})
			.then(({ message }) => {
				if (message?.worker === false) return users.no_worker();
				return frappe.show_alert({
					message: __("The server is asked to enable this person."),
					indicator: "blue",
				});
			});
	}

	// For somebody whom this app cannot find or reach any more, and who has been put back on the server by a person.
	users.settle_person = function (doc, done) {
		const name = escape(doc.employee_name || doc.employee).bold();
		return frappe.confirm(
			__(
				"Have you put {0} back on the server yourself, and can they come in? This app then forgets what they had before: {1}.",
				[name, escape(doc.former_shown).bold()],
			),
			() =>
				frappe
					.call({
						method: "zkteco_biometric.api.settle_person",
						type: "POST",
						args: { name: doc.name },
					})
					.then(done),
		);
	};

	users.no_worker = function () {
		return frappe.msgprint({
			title: __("No Worker Is Running"),
			indicator: "orange",
			message: __(
				"This waits in the queue: no background worker listens to it. Ask your administrator to start the bench's workers; it then begins by itself. Until then, people can be enabled on the BioTime server by hand.",
			),
		});
	};

	// What the device's form says: an array of { color, text, filters }.
	users.lines = function (device, control) {
		return [
			counted(control.overdue, {
				color: "red",
				one: __("1 person could not be enabled in time."),
				many: __("{0} people could not be enabled in time.", [control.overdue]),
				filters: { name: ["in", control.overdue_names] },
			}),
			counted(control.failed, {
				color: "red",
				one: __("1 request failed, and is tried again by itself."),
				many: __("{0} requests failed, and are tried again by themselves.", [control.failed]),
				filters: { device, outcome: "Failed" },
			}),
			counted(control.disabled, {
				color: "blue",
				one: __("1 person is disabled now."),
				many: __("{0} people are disabled now.", [control.disabled]),
				filters: { device, status: "Disabled", disabled_on: ["is", "set"] },
			}),
			counted(control.waiting, {
				color: "blue",
				one: __("1 person waits for their time to be enabled or disabled."),
				many: __("{0} people wait for their time to be enabled or disabled.", [control.waiting]),
				filters: { device, outcome: "Waiting" },
			}),
			counted(control.dry_run, {
				color: "yellow",
				one: __("Dry run: 1 person would be enabled or disabled, and is not."),
				many: __("Dry run: {0} people would be enabled or disabled, and are not.", [control.dry_run]),
				filters: { device, outcome: "Dry Run" },
			}),
			counted(control.unmanaged, {
				color: "yellow",
				one: __("1 person is left alone: not found on the device, or not to be disabled."),
				many: __("{0} people are left alone: not found on the device, or not to be disabled.", [
					control.unmanaged,
				]),
				filters: { device, outcome: ["in", ["Unmanaged", "Unsupported"]] },
			}),
		].filter(Boolean);
	};

	function counted(count, { color, one, many, filters }) {
		return count ? { color, text: count === 1 ? one : many, filters } : null;
	}

	// The indicator of a person: [label, color].
	users.indicator = function ({ status, outcome }) {
		const off = status === "Disabled";
		const indicators = {
			Waiting: [__("Waiting"), "gray"],
			Requested: [off ? __("Disabling") : __("Enabling"), "blue"],
			Confirmed: off ? [__("Disabled"), "orange"] : [__("Enabled"), "green"],
			Failed: [off ? __("Disable Failed") : __("Enable Failed"), "red"],
			Unsupported: [__("Unsupported"), "yellow"],
			Unmanaged: [__("Unmanaged"), "gray"],
			"Changed Elsewhere": [__("Changed Elsewhere"), "purple"],
			"Dry Run": [off ? __("Would Disable") : __("Would Enable"), "light-blue"],
		};
		return indicators[outcome] || [__(outcome), "gray"];
	};

	// The sentence at the head of a record: { color, text }.
	users.headline = function (doc) {
		const { color, text } = state_of(doc);
		const why = ["Confirmed", "Requested"].includes(doc.outcome) ? "" : escape(doc.why);
		return { color, text: [text, why, trouble(doc)].filter(Boolean).join(" ") };
	};

	function state_of(doc) {
		const person = [escape(doc.employee_name || doc.employee).bold(), escape(doc.device).bold()];
		const off = doc.status === "Disabled";
		if (is_overdue(doc))
			return {
				color: "red",
				text: __("{0} should have been enabled on {1} at {2}, and is not.", [
					...person,
					time(doc.way_back),
				]),
			};
		const states = {
			Waiting: () => ({ color: "blue", text: waits(doc, person) }),
			Requested: () => ({
				color: "blue",
				text: off
					? __("The server was asked to disable {0} on {1}, and has not confirmed it yet.", person)
					: __("The server was asked to enable {0} on {1}, and has not confirmed it yet.", person),
			}),
			Confirmed: () =>
				off
					? { color: "orange", text: disabled(doc, person) }
					: { color: "green", text: __("{0} is enabled on {1}.", person) },
			Failed: () => ({
				color: "red",
				text: off
					? __("{0} could not be disabled on {1}. It is tried again by itself.", person)
					: __("{0} could not be enabled on {1}. It is tried again by itself.", person),
			}),
			Unsupported: () => ({
				color: "orange",
				text: __("{0} cannot be enabled or disabled on {1}.", person),
			}),
			Unmanaged: () => ({ color: "yellow", text: __("{0} is left alone on {1}.", person) }),
			"Changed Elsewhere": () => ({
				color: "yellow",
				text: __("Somebody else has changed {0} on {1}: this app leaves that as it is.", person),
			}),
			"Dry Run": () => ({
				color: "blue",
				text: off
					? __("Dry run: {0} would be disabled on {1}. Nothing was changed.", person)
					: __("Dry run: {0} would be enabled on {1}. Nothing was changed.", person),
			}),
		};
		return states[doc.outcome]?.() || { color: "blue", text: person.join(", ") };
	}

	function waits({ status, due_at }, person) {
		if (!due_at)
			return status === "Disabled"
				? __("{0} is to be disabled on {1}.", person)
				: __("{0} is enabled on {1}.", person);
		return status === "Disabled"
			? __("{0} is to be disabled on {1}. The next look is at {2}.", [...person, time(due_at)])
			: __("{0} is enabled on {1}. The next look is at {2}.", [...person, time(due_at)]);
	}

	function disabled(doc, person) {
		const since = doc.disabled_on
			? __("{0} is disabled on {1} since {2}.", [...person, time(doc.disabled_on)])
			: __("{0} is disabled on {1}.", person);
		return [since, by_check_in(doc), back_at(doc)].filter(Boolean).join(" ");
	}

	function by_check_in({ check_in, check_in_time, log_type }) {
		if (!check_in) return "";
		const link = frappe.utils.get_form_link("Employee Checkin", check_in, true);
		return __("By check-in {0} ({1}) of {2}.", [link, escape(log_type), time(check_in_time)]);
	}

	function back_at({ way_back, why }) {
		return way_back
			? __("Enabled again at {0}, or before by an IN punch anywhere.", [time(way_back)])
			: escape(why);
	}

	function trouble({ error, remedy }) {
		const told = error ? `<b>${__("Error:")}</b> ${escape(error)}` : "";
		const advice = remedy ? `<b>${__("What to do:")}</b> ${escape(remedy)}` : "";
		return [told, advice].filter(Boolean).join(" ");
	}

	// Whoever `former` is kept of may still be disabled. Times are the site's, and so is this clock.
	function is_overdue({ former, way_back, outcome }) {
		return former && way_back && outcome !== "Dry Run" && way_back < frappe.datetime.system_datetime();
	}

	function time(value) {
		return escape(frappe.datetime.str_to_user(value));
	}
})(frappe.zkteco_users);
