// What holds for all devices, and at a glance where attendance stands and what holds it.

frappe.ui.form.on("ZKTeco Site Settings", {
	refresh(frm) {
		frappe
			.call({
				method: "zkteco_biometric.zkteco_biometric.doctype.zkteco_site_settings.zkteco_site_settings.attendance_overview",
				type: "GET",
			})
			.then(({ message }) => show(frm, message));
		offer_roles(frm);
	},
});

function offer_roles(frm) {
	if (!frm.perm[0]?.write) return;
	frappe
		.call({
			method: "zkteco_biometric.zkteco_biometric.doctype.zkteco_site_settings.zkteco_site_settings.desk_roles",
			type: "GET",
		})
		.then(({ message }) =>
			frm.fields_dict.notice_roles.grid.update_docfield_property("role", "options", message),
		);
}

function show(frm, overview) {
	const wrapper = frm.get_field("attendance_overview").$wrapper;
	wrapper.html([introduction(overview), table(overview), ...footnotes(overview)].join(""));
	wrapper.find("[data-reasons]").on("click", (event) => {
		event.preventDefault();
		frappe.set_route("List", "ZKTeco Pending Punch", {
			status: "Waiting",
			reason: ["in", event.currentTarget.dataset.reasons.split(", ")],
		});
	});
}

function introduction({ moving, devices, shifts }) {
	if (!shifts.length) return paragraph(__("No Shift Type has Enable Auto Attendance ticked."));
	if (!devices) return paragraph(__("No device is enabled: nothing moves."));
	if (!moving) return paragraph(__("Not ticked: this is what would happen after each sync."));
	return "";
}

function table({ shifts }) {
	if (!shifts.length) return "";
	const titles = [
		__("Shift Type"),
		__("Last Sync of Checkin"),
		__("May Go up to"),
		__("What Holds It There"),
	];
	const head = titles.map((title) => `<th>${title}</th>`).join("");
	const body = shifts.map((shift) => `<tr>${cells(shift)}</tr>`).join("");
	return `<div class="table-responsive"><table class="table table-bordered">
		<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function cells(shift) {
	const columns = [
		link("Shift Type", shift.shift) + hints(shift).map(small).join(""),
		shift.last_sync ? time(shift.last_sync) : __("Not set"),
		may_go_to(shift),
		holds(shift).join(""),
	];
	return columns.map((column) => `<td>${column}</td>`).join("");
}

function hints({ moved_by_hrms, process_after }) {
	const told = [];
	if (moved_by_hrms)
		told.push(
			__(
				"HRMS moves it too, after each shift and whether devices were read or not. Untick Automatically update Last Sync of Checkin there to prevent that.",
			),
		);
	if (!process_after) told.push(__("Process Attendance After is not set: HRMS marks nothing."));
	return told;
}

function may_go_to({ last_sync, point }) {
	if (!point) return __("Stays");
	if (!last_sync || last_sync < point) return time(point);
	return time(point) + small(__("It stays where it is: it never moves back."));
}

function holds(shift) {
	const told = shift.not_read.map((device) =>
		dotted("red", __("{0}: not read yet", [link("ZKTeco Biometric Settings", device)])),
	);
	if (shift.waiting) told.push(dotted("orange", punches(shift.waiting)));
	if (!told.length && shift.furthest_behind) told.push(dotted("blue", last_sync_of(shift.furthest_behind)));
	return told;
}

function last_sync_of({ device, last_sync }) {
	return __("{0}: last sync {1}", [link("ZKTeco Biometric Settings", device), time(last_sync)]);
}

function punches({ punches, first, people, more_people }) {
	const names = people.map(({ employee, employee_name }) => link("Employee", employee, employee_name));
	if (more_people) names.push(__("{0} more", [more_people]));
	const values = [punches, names.join(", "), time(first)];
	return punches === 1
		? __("{0} waiting punch of {1}: {2}", values)
		: __("{0} waiting punches of {1}, the earliest {2}", values);
}

function footnotes({ nobodys, untimed }) {
	const told = [];
	if (nobodys)
		told.push(
			paragraph(
				__(
					"Waiting punches of Biometric IDs that no employee has: {0}. They hold nothing, and HRMS may mark their people absent: enter the IDs on the employees, or ignore the punches.",
					[nobodys],
				),
				"Unknown Employee",
			),
		);
	if (untimed)
		told.push(
			paragraph(
				__("Waiting punches whose time cannot be true, or cannot be read: {0}. They hold nothing.", [
					untimed,
				]),
				"Impossible Time, Unreadable Row",
			),
		);
	return told;
}

function paragraph(text, reasons) {
	const more = reasons ? ` <a href="#" data-reasons="${reasons}">${__("Show them")}</a>` : "";
	return `<p class="text-muted">${text}${more}</p>`;
}

function dotted(color, html) {
	return `<div><span class="indicator ${color}"></span>${html}</div>`;
}

function small(text) {
	return `<div class="text-muted small">${text}</div>`;
}

function link(doctype, name, text) {
	return frappe.utils.get_form_link(doctype, name, true, frappe.utils.escape_html(text || name));
}

function time(value) {
	return frappe.utils.escape_html(frappe.datetime.str_to_user(value));
}
