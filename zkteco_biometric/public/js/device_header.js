// How a device is doing, at the head of its form: one line at a glance, and below it what somebody has to do.
// Frappe delivers it with the form's own script (hooks.py).

frappe.provide("frappe.zkteco_device");

(function (device) {
	const GLANCE = "zkteco-glance";
	const LINES = "zkteco-lines";
	const PROGRESS = "zkteco-progress";
	const MOST_CLOCKS = 20; // a sync writes down no more; the line that follows counts the others

	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	device.is_busy = (doc) => ["Queued", "Running"].includes(doc.status);

	device.show_header = function (frm) {
		frm.layout.wrapper.find(`.${GLANCE}, .${LINES}`).remove();
		if (!device.is_busy(frm.doc) || frm.zkteco_shown !== frm.doc.name) hide_progress(frm);
		if (frm.is_new()) return;
		frm.layout.wrapper.prepend(glance_of(frm), lines_of(frm));
	};

	function glance_of(frm) {
		const glance = $(`<div class="${GLANCE}"></div>`).css({
			display: "flex",
			flexWrap: "wrap",
			gap: "8px",
			padding: "12px var(--padding-md)",
			borderBottom: "1px solid var(--border-color)",
		});
		return glance.append(parts(frm).map(pill));
	}

	function pill({ color, text, title, action }) {
		const tag = action ? "a" : "span";
		const shown = $(`<${tag} class="indicator-pill ${color}"></${tag}>`).attr("title", title || "");
		shown.append($("<span></span>").text(text));
		return action ? shown.on("click", action) : shown;
	}

	// Lines of our own, beside those of Frappe and of other apps.
	function lines_of(frm) {
		const lines = [...syncs(frm), ...warnings(frm), ...users(frm)];
		return $(`<div class="${LINES}"></div>`).append(lines.map(line));
	}

	function line({ color, text, action }) {
		const shown = $(`<div class="form-message ${color}"><span>${text}</span></div>`);
		if (action) shown.append(" ", $("<a></a>").text(__("See them")).on("click", action));
		return shown;
	}

	// Not by the form's dashboard: that is on a tab which is not open.
	device.show_progress = function (frm, { fetched, created, total, pages }) {
		const text = total
			? __("{0} of {1} punches read, {2} check-ins created", [fetched, total, created])
			: __("{0} pages read, {1} check-ins created", [pages, created]);
		const shown = frm.layout.wrapper.find(`.${PROGRESS}`);
		const progress = shown.length ? shown : add_progress(frm);
		const percent = total ? Math.min(100, (fetched / total) * 100) : 100;
		progress.find(".progress-bar").css("width", `${percent}%`);
		progress.find("p").text(text);
	};

	function hide_progress(frm) {
		frm.layout.wrapper.find(`.${PROGRESS}`).remove();
	}

	function add_progress(frm) {
		const bar = `<div class="progress"><div class="progress-bar progress-bar-success"></div></div>`;
		return $(`<div class="${PROGRESS}">${bar}<p class="text-muted small"></p></div>`)
			.css({ padding: "12px var(--padding-md) 0" })
			.insertAfter(frm.layout.wrapper.find(`.${GLANCE}`));
	}

	// The one line: connected, last sync, next sync, waiting punches, clocks, people.
	function parts(frm) {
		const glance = frm.doc.__onload?.overview || {};
		return [
			connection(frm.doc, glance, frm.zkteco_cut_off),
			last_sync(glance),
			next_sync(glance, frm.doc.__onload?.scheduler),
			waiting(frm.doc, glance),
			clocks(frm),
			disabled(frm.doc, glance),
		].filter(Boolean);
	}

	function connection(doc, { connected }, cut_off) {
		if (!doc.enable) return { color: "gray", text: __("Disabled") };
		if (doc.status === "Queued" && !cut_off) return { color: "blue", text: __("Waiting for a worker") };
		if (doc.status === "Running" && !cut_off) return { color: "blue", text: __("Syncing") };
		if (doc.login_rejected) return { color: "red", text: __("Log-in rejected") };
		if (doc.last_error) return { color: "red", text: __("Not connected") };
		if (connected) return { color: "green", text: __("Connected") };
		return { color: "gray", text: doc.last_attempt ? __("Not tried lately") : __("Not synced yet") };
	}

	function last_sync({ last_sync: read_until }) {
		if (!read_until) return { color: "gray", text: __("No sync yet") };
		return {
			color: "gray",
			text: __("Last sync {0}", [frappe.datetime.prettyDate(read_until)]),
			title: shown(read_until),
		};
	}

	function next_sync({ enabled, syncs_by_itself, next_sync: due, overdue_since }, scheduler) {
		if (!enabled) return null;
		if (!syncs_by_itself) return { color: "orange", text: __("No next sync by itself") };
		if (scheduler === "Switched Off")
			return {
				color: "red",
				text: __("The scheduler is switched off"),
				title: __("Nothing is synced by itself. Ask your administrator to enable the scheduler."),
			};
		if (scheduler === "Silent")
			return {
				color: "red",
				text: __("The scheduler does not reach this app"),
				title: __(
					"Nothing is synced by itself: the scheduler's process or the bench's workers do not run, or are busy. Ask your administrator to run zkteco-doctor.",
				),
			};
		if (overdue_since)
			return {
				color: "red",
				text: __("Should have synced {0}", [frappe.datetime.prettyDate(overdue_since)]),
				title: __(
					"It should have been read by {0}, and nobody has tried. Ask your administrator to look at the bench's workers.",
					[shown(overdue_since)],
				),
			};
		return due
			? { color: "gray", text: __("Next sync at {0}", [shown(due)]) }
			: { color: "gray", text: __("Next sync in some minutes") };
	}

	function waiting(doc, { waiting: count }) {
		if (!count) return { color: "green", text: __("No punch waits") };
		const text = count === 1 ? __("1 punch waits") : __("{0} punches wait", [count]);
		return { color: "orange", text, action: () => show_waiting(doc) };
	}

	function clocks(frm) {
		const wrong = (frm.doc.wrong_clocks || "").split("\n").filter(Boolean);
		if (!wrong.length)
			return frm.doc.last_attempt ? { color: "green", text: __("No wrong clock seen") } : null;
		return {
			color: "red",
			text: wrong_clocks(wrong.length),
			title: wrong.join("\n"),
			action: () => frm.scroll_to_field("wrong_clocks"),
		};
	}

	function wrong_clocks(count) {
		if (count > MOST_CLOCKS) return __("More than {0} wrong clocks", [MOST_CLOCKS]);
		return count === 1 ? __("1 wrong clock") : __("{0} wrong clocks", [count]);
	}

	function disabled(doc, { disabled_people: count }) {
		if (!count) return null;
		const text = count === 1 ? __("1 person disabled") : __("{0} people disabled", [count]);
		const filters = { device: doc.name, status: "Disabled", disabled_on: ["is", "set"] };
		return { color: "blue", text, action: () => frappe.zkteco_users.show(filters) };
	}

	// What the last sync came to, where it is worth a sentence.
	function syncs({ doc, zkteco_cut_off }) {
		if (!doc.enable) return [];
		if (zkteco_cut_off && device.is_busy(doc))
			return [
				{
					color: "orange",
					text: __("The last sync was cut off. The next one goes on where it stopped."),
				},
			];
		if (doc.status === "Unfinished")
			return [{ color: "blue", text: __("The sync goes on at the scheduler's next tick.") }];
		if (doc.last_error) return [{ color: "red", text: trouble(doc.last_error, doc.last_remedy) }];
		return doc.status === "Success" && doc.last_fetched
			? [{ color: doc.last_pending ? "orange" : "green", text: device.counted(doc) }]
			: [];
	}

	function warnings({ doc }) {
		return (doc.__onload?.warnings || []).map((text) => ({ color: "orange", text: escape(text) }));
	}

	// Who is disabled on this device now, and who could not be enabled.
	function users(frm) {
		const { control_error, control_remedy } = frm.doc;
		const failed = control_error
			? [
					{
						color: "red",
						text: `<b>${__("Device Users:")}</b> ${trouble(control_error, control_remedy)}`,
					},
				]
			: [];
		// How many are disabled stands in the line at the head.
		const lines = frappe.zkteco_users
			.lines(frm.doc.name, frm.doc.__onload?.control || {})
			.filter(({ filters }) => !filters.disabled_on);
		return [
			...failed,
			...lines.map(({ color, text, filters }) => ({
				color,
				text,
				action: () => frappe.zkteco_users.show(filters),
			})),
		];
	}

	device.counted = function ({ last_fetched, last_created, last_duplicate, last_pending, last_ignored }) {
		if (!last_fetched) return __("No new punches.");
		return __("{0} punches fetched: {1} created, {2} existed, {3} pending, {4} ignored.", [
			last_fetched,
			last_created,
			last_duplicate,
			last_pending,
			last_ignored,
		]);
	};

	// How the sync ended that this person has asked for.
	device.tell_outcome = function (doc) {
		if (doc.last_error)
			return frappe.msgprint({
				title: __("The Sync Failed"),
				indicator: "red",
				message: `<p>${escape(doc.last_error)}</p><p>${advice(doc.last_remedy)}</p>`,
			});
		const text = [device.counted(doc)];
		if (doc.last_pending)
			text.push(__("Those that are pending wait for somebody: the list says what each waits for."));
		return frappe.show_alert(
			{
				message: text.map((line) => `<div>${line}</div>`).join(""),
				indicator: doc.last_pending ? "orange" : "green",
			},
			10,
		);
	};

	function trouble(error, remedy) {
		return `${escape(error)} ${advice(remedy)}`;
	}

	function advice(remedy) {
		return remedy ? `<b>${__("What to do:")}</b> ${escape(remedy)}` : "";
	}

	function show_waiting(doc) {
		frappe.set_route("List", "ZKTeco Pending Punch", { device: doc.name, status: "Waiting" });
	}

	function shown(time) {
		return frappe.datetime.str_to_user(time);
	}
})(frappe.zkteco_device);
