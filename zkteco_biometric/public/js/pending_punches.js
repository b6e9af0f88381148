// What is asked and told wherever a person decides about pending punches: list, form, and report of unknown codes.
// Frappe delivers it with the list script of the doctype (hooks.py), so that no page needs a bundle.

const API = "zkteco_biometric.pending_api.";

frappe.provide("frappe.zkteco_pending");

(function (pending) {
	const PENDING = "ZKTeco Pending Punch";
	const MISSING = "Unknown Employee";

	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	pending.may_decide = () => frappe.model.can_write(PENDING);
	pending.may_link = () => pending.may_decide() && frappe.model.can_write("Employee");

	pending.retry = function (punches, done) {
		const names = punches.map((punch) => punch.name);
		const wrong_times = punches.filter((punch) => punch.reason === "Impossible Time").length;
		const ask = () => call(API + "retry", { names }, __("Trying again…")).then(told(done));
		if (!wrong_times) return ask();
		return frappe.confirm(
			__(
				"Punches by a clock that was wrong: {0}. They become check-ins at that very time, where it has come meanwhile. If the time is not true, ignore them instead, and enter the check-ins by hand. Go on?",
				[wrong_times],
			),
			ask,
		);
	};

	pending.ignore = function (punches, done) {
		const names = punches.map((punch) => punch.name);
		frappe.prompt(
			[
				{
					fieldname: "comment",
					fieldtype: "Small Text",
					label: __("Why"),
					reqd: 1,
					description: __("Ignored punches never become check-ins, unless somebody retries them."),
				},
			],
			({ comment }) =>
				call(API + "ignore", { names, comment }, __("Ignoring…")).then((answer) => {
					tell_ignored(answer);
					done();
				}),
			names.length === 1 ? __("Ignore This Punch") : __("Ignore {0} Punches", [names.length]),
			__("Ignore"),
		);
	};

	// Those of the punches that a link can help, as one code; says why where there is none.
	pending.code_of = function (punches) {
		const codes = [...new Set(punches.map((punch) => punch.emp_code || ""))];
		if (codes.length === 1 && codes[0]) return punches[0];
		frappe.msgprint({
			title: __("One Biometric ID at a Time"),
			indicator: "orange",
			message: __("Choose punches of a single Biometric ID; all that wait of it are linked at once."),
		});
		return null;
	};

	pending.link = function ({ code, person_name, employee }, done) {
		const dialog = new frappe.ui.Dialog({
			title: __("Link to Employee"),
			fields: [
				{ fieldname: "about", fieldtype: "HTML", options: about(code, person_name) },
				{
					fieldname: "employee",
					fieldtype: "Link",
					options: "Employee",
					label: __("Employee"),
					reqd: 1,
					default: employee,
					get_query: () => ({ filters: { status: "Active" } }),
					onchange: () => look_at(dialog, code),
				},
				{ fieldname: "change", fieldtype: "HTML" },
				{
					fieldname: "agreed",
					fieldtype: "Check",
					label: __("Replace the Biometric ID"),
					hidden: 1,
				},
			],
			primary_action_label: __("Link to Employee"),
			primary_action: (values) => send_link(dialog, code, values, done),
		});
		dialog.show();
		if (employee) look_at(dialog, code);
	};

	function about(code, person_name) {
		const known_as = person_name
			? __("The device knows the person as {0}.", [escape(person_name).bold()])
			: "";
		return `<p>${__("Whose Biometric ID is {0}?", [escape(code).bold()])} ${known_as}</p>`;
	}

	// Says what will change before anything does.
	function look_at(dialog, code) {
		const employee = dialog.get_value("employee");
		if (dialog.looked_at === employee) return;
		dialog.looked_at = employee;
		show_change(dialog, "", "");
		if (!employee) return;
		frappe.db
			.get_value("Employee", employee, ["employee_name", "attendance_device_id"])
			.then(({ message }) => {
				if (dialog.looked_at !== employee || !message?.employee_name) return;
				const has = (message.attendance_device_id || "").trim();
				show_change(dialog, change_of(message.employee_name, has, code), has === code ? "" : has);
			});
	}

	function change_of(employee_name, has, code) {
		const [name, old, fresh] = [employee_name, has, code].map((text) => escape(text).bold());
		if (has === code)
			return __("{0} has this Biometric ID already; the punches are tried again.", [name]);
		if (!has)
			return __("{0} gets the Biometric ID {1}, and the check-ins of all its waiting punches.", [
				name,
				fresh,
			]);
		return __("{0} has the Biometric ID {1}. If {2} replaces it, new punches of {1} belong to nobody.", [
			name,
			old,
			fresh,
		]);
	}

	function show_change(dialog, text, replaced) {
		const shown = text ? `<div class="form-message ${replaced ? "orange" : "blue"}">${text}</div>` : "";
		dialog.replaces = replaced;
		dialog.fields_dict.change.$wrapper.html(shown);
		dialog.set_df_property("agreed", "hidden", replaced ? 0 : 1);
		dialog.set_value("agreed", 0);
	}

	function send_link(dialog, code, { employee, agreed }, done) {
		const replaces = agreed ? dialog.replaces : "";
		return call(API + "link_to_employee", { code, employee, replaces }, __("Linking…")).then((answer) => {
			dialog.hide();
			told(done)(answer);
		});
	}

	function call(method, args, freeze_message) {
		return frappe
			.call({ method, args, type: "POST", freeze: true, freeze_message })
			.then(({ message }) => message);
	}

	const told = (done) => (answer) => {
		tell(answer);
		done();
	};

	function tell({ enqueued, outcome }) {
		if (enqueued) return tell_enqueued(enqueued);
		const lines = lines_of(outcome);
		if (lines.length === 1 && !outcome.waiting && !outcome.untried)
			return frappe.show_alert({ message: lines[0], indicator: "green" });
		return frappe.msgprint({
			title: outcome.waiting || outcome.untried ? __("Some Still Wait") : __("Done"),
			indicator: outcome.waiting || outcome.untried ? "orange" : "green",
			message: lines.map((line) => `<div>${line}</div>`).join(""),
		});
	}

	function lines_of({ created, existed, ignored, waiting, untried, why }) {
		const lines = [
			created && counted(created, __("1 became a check-in."), __("{0} became check-ins.", [created])),
			existed &&
				counted(
					existed,
					__("1 was a check-in already."),
					__("{0} were check-ins already.", [existed]),
				),
			ignored &&
				counted(
					ignored,
					__("1 is ignored by the rules of its device."),
					__("{0} are ignored by the rules of their device.", [ignored]),
				),
			waiting &&
				counted(waiting, __("1 still waits:"), __("{0} still wait:", [waiting])) +
					reasons(why, waiting),
			untried &&
				__(
					"{0} could not be tried. Ask your administrator to look at the Error Log, title ZKTeco Sync.",
					[untried],
				),
		].filter(Boolean);
		return lines.length ? lines : [__("Nothing of it waits any more.")];
	}

	const counted = (number, one, many) => (number === 1 ? one : many);

	function reasons(why, waiting) {
		const told = why.reduce((sum, { punches }) => sum + punches, 0);
		const items = why.map(
			({ punches, reason, message }) => `<li>${punches} × ${__(reason)}: ${escape(message)}</li>`,
		);
		if (waiting > told) items.push(`<li>${__("{0} for other reasons", [waiting - told])}</li>`);
		return `<ul>${items.join("")}</ul>`;
	}

	function tell_ignored({ enqueued, ignored, settled }) {
		if (enqueued) return tell_enqueued(enqueued);
		const lines = [
			counted(ignored, __("1 punch is ignored."), __("{0} punches are ignored.", [ignored])),
			settled && __("{0} did not wait any more, and stay as they are.", [settled]),
		].filter(Boolean);
		return frappe.show_alert({ message: lines.join(" "), indicator: settled ? "orange" : "green" });
	}

	function tell_enqueued(punches) {
		return frappe.msgprint({
			title: __("In the Background"),
			indicator: "blue",
			message: __(
				"{0} punches are worked off in the background. Refresh the page in a minute or two.",
				[punches],
			),
		});
	}

	// The sentence that says what is in the way, and what to do: { color, text }.
	pending.headline = function (doc) {
		if (doc.status === "Created") return { color: "green", text: became(doc) };
		if (doc.status === "Ignored") return { color: "blue", text: ignored_because(doc) };
		const message = escape(doc.message);
		const texts = {
			[MISSING]: __(
				"No employee has the Biometric ID {0}. Link it to an employee: this punch and all others of the code become check-ins then.",
				[escape(doc.emp_code).bold()],
			),
			"Inactive Employee": __(
				"{0} is inactive, and HRMS refuses the check-in. It is created as soon as the employee is active; ignore the punch if it is not to count.",
				[escape(doc.employee).bold()],
			),
			"Refused by HRMS": __(
				"HRMS refuses the check-in: {0} Remove the cause. Saving a shift or HR Settings tries again by itself, and so does Retry.",
				[sentence(message)],
			),
			"Impossible Time": __(
				"The time cannot be true: {0} Set the terminal's clock, or the time zone of the device if all its times are shifted. Then ignore this punch and enter the check-in by hand; or Retry, if the time is right after all.",
				[sentence(message)],
			),
			"Unreadable Row": __(
				"The row cannot be read: {0} Look at it below. If it matters to somebody, enter the check-in by hand; then ignore it.",
				[sentence(message)],
			),
		};
		return { color: "orange", text: texts[doc.reason] || message };
	};

	function sentence(message) {
		const text = message.trim();
		return /[.!?]$/.test(text) ? text : text + ".";
	}

	function became(doc) {
		const link = frappe.utils.get_form_link("Employee Checkin", doc.check_in || "", true);
		const name = doc.check_in ? link : __("a check-in");
		return doc.message
			? __("It is {0}, which existed already.", [name])
			: __("It has become {0}.", [name]);
	}

	function ignored_because(doc) {
		const comment = escape(doc.ignore_comment);
		if (!doc.ignored_by) return __("Ignored by the rules of its device. {0}", [comment]);
		const who = escape(frappe.user.full_name(doc.ignored_by));
		return __("{0} ignored it: {1} Retry decides it anew.", [who, sentence(comment)]);
	}
})(frappe.zkteco_pending);
