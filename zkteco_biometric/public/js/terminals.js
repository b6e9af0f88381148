// What is shown of a terminal, and how it is refreshed, in list and form.
// Frappe delivers it with the list script of the doctype (hooks.py).

frappe.provide("frappe.zkteco_terminals");

(function (terminals) {
	const SETTINGS = "ZKTeco Biometric Settings";
	const MOST_DEVICES = 100; // asked at one press: somebody waits for each
	const SILENT_AFTER = 24; // hours without a punch; the list says so, whatever the notices are set to

	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));
	const bold = (text) => escape(text).bold();
	const time = (value) => escape(frappe.datetime.str_to_user(value));

	terminals.may_refresh = () => frappe.model.can_write(SETTINGS);
	// A time of the site, as the database writes it.
	terminals.silent_since = function () {
		const then = frappe.datetime.str_to_obj(frappe.datetime.system_datetime());
		then.setHours(then.getHours() - SILENT_AFTER);
		return frappe.datetime.get_datetime_as_string(then);
	};

	terminals.is_silent = ({ last_punch }) => !last_punch || last_punch < terminals.silent_since();

	// [label, color, filters] of a list's row. Times are the site's, and so is the clock that they are compared with.
	terminals.indicator = function (doc) {
		const filters = `status,=,${doc.status}`;
		if (doc.status === "Gone") return [__("Gone"), "gray", filters];
		if (doc.status === "Offline") return [__("Offline"), doc.watch ? "red" : "orange", filters];
		if (doc.watch && terminals.is_silent(doc)) return [__("Silent"), "orange", silent_filters()];
		if (is_wrong(doc)) return [__("Wrong Clock"), "orange", `clock,=,${doc.clock}`];
		if (doc.status === "Online") return [__("Online"), "green", filters];
		return [__("Unknown"), "blue", filters];
	};

	const silent_filters = () => `watch,=,1|status,!=,Gone|last_punch,<,${terminals.silent_since()}`;

	const is_wrong = ({ clock }) => ["Ahead", "Behind"].includes(clock);

	// The sentences at the head of a form: { color, text }.
	terminals.headline = function (doc) {
		const { color, text } = state_of(doc);
		return { color, text: [text, last_punch(doc), wrong_clock(doc)].filter(Boolean).join(" ") };
	};

	function state_of(doc) {
		const names = [bold(doc.title), bold(doc.device)];
		const [, color] = terminals.indicator(doc);
		const texts = {
			Online: __("{0} of {1} is online.", names),
			Offline: __("{0} of {1} is offline. Check its power and its network.", names),
			Gone: __(
				"The server of {1} does not name {0} any more. Delete this record if the terminal was taken away.",
				names,
			),
			Unknown: __("Of {0} of {1} only punches are known: the server does not say how it is.", names),
		};
		return { color, text: texts[doc.status] || names.join(", ") };
	}

	function last_punch(doc) {
		if (!doc.last_punch) return __("No sync has seen a punch from it yet.");
		return terminals.is_silent(doc)
			? __("There was no punch since {0}.", [time(doc.last_punch)])
			: __("The last punch was at {0}.", [time(doc.last_punch)]);
	}

	function wrong_clock(doc) {
		if (!is_wrong(doc)) return "";
		return __("Its clock is wrong ({0}): set it, best by a time server.", [terminals.clock(doc)]);
	}

	// "12 minutes ahead".
	terminals.clock = function ({ clock, clock_offset }) {
		if (clock === "Ahead") return __("{0} ahead", [spoken(clock_offset)]);
		if (clock === "Behind") return __("{0} behind", [spoken(-clock_offset)]);
		return clock === "Agrees" ? __("Agrees") : __("Unknown");
	};

	function spoken(seconds) {
		if (seconds < 2 * 3600) return __("{0} minutes", [Math.round(seconds / 60)]);
		if (seconds < 48 * 3600) return __("{0} hours", [Math.round(seconds / 3600)]);
		return __("{0} days", [Math.round(seconds / 86400)]);
	}

	// One after the other, so that no web worker waits for more than one server.
	terminals.refresh = async function (devices, done) {
		const lines = [];
		for (const device of devices) lines.push(await refresh_one(device));
		tell(lines);
		done();
	};

	terminals.refresh_all = async function (done) {
		const devices = await frappe.db.get_list(SETTINGS, {
			filters: { enable: 1 },
			pluck: "name",
			order_by: "name",
			limit: MOST_DEVICES + 1,
		});
		if (devices.length > MOST_DEVICES) tell_the_limit();
		if (devices.length) return terminals.refresh(devices.slice(0, MOST_DEVICES), done);
		return frappe.msgprint({
			title: __("No Device Is Enabled"),
			indicator: "orange",
			message: __("Add a device in ZKTeco Biometric Settings, or enable one; then refresh again."),
		});
	};

	function tell_the_limit() {
		const message = __(
			"Only the first {0} devices are asked. Refresh the others on their terminals' pages.",
			[MOST_DEVICES],
		);
		frappe.show_alert({ message, indicator: "orange" }, 10);
	}

	// Where this site refuses or fails, Frappe says why; the other devices are asked all the same.
	async function refresh_one(device) {
		try {
			const { message } = await ask(device);
			return { device, ...message };
		} catch {
			return { device, ok: false, message: __("There was no answer."), remedy: __("Refresh again.") };
		}
	}

	function ask(device) {
		return frappe.call({
			method: "zkteco_biometric.terminals_api.refresh",
			type: "POST",
			args: { device },
			freeze: true,
			freeze_message: __("Asking {0} for its terminals…", [escape(device)]),
		});
	}

	function tell(lines) {
		if (lines.length === 1 && lines[0].ok)
			return frappe.show_alert({ message: counted(lines[0]), indicator: "green" });
		const failed = lines.some((line) => !line.ok);
		return frappe.msgprint({
			title: failed ? __("Not Every Terminal Could Be Refreshed") : __("Refreshed"),
			indicator: failed ? "red" : "green",
			message: lines.map((line) => `<p>${line.ok ? counted(line) : trouble(line)}</p>`).join(""),
		});
	}

	function counted({ device, terminals: all, online, offline, gone, new: fresh }) {
		return [
			__("{0}: {1} terminals, {2} online, {3} offline.", [bold(device), all, online, offline]),
			fresh && __("New: {0}.", [fresh]),
			gone && __("Not named by the server any more: {0}.", [gone]),
		]
			.filter(Boolean)
			.join(" ");
	}

	function trouble({ device, message, remedy }) {
		return `${bold(device)}: ${escape(message)}<br><b>${__("What to do:")}</b> ${escape(remedy)}`;
	}
})(frappe.zkteco_terminals);
