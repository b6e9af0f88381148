// Keeps the form of a device up to date while somebody looks at it: by live updates, and by asking now and then, since live
// updates need socketio. Desk has one form for all devices, and keeps it when somebody goes elsewhere: whatever arrives is
// for the device that is shown at that moment, or for nobody.
// Frappe delivers it with the form's own script (hooks.py).

frappe.provide("frappe.zkteco_device");

(function (device) {
	const SETTINGS = "ZKTeco Biometric Settings";
	const SOON = 2000; // milliseconds
	const LATER = 15000; // after a request that failed

	const asked = new Set(); // devices that this person has asked to be synced
	let timer = null;
	let listens = false;

	// From refresh: how it is doing may have changed since the document was loaded.
	device.follow = function (frm) {
		listen();
		frm.zkteco_cut_off = frm.zkteco_cut_off && frm.zkteco_shown === frm.doc.name;
		frm.zkteco_shown = frm.doc.name;
		look(frm, frm.doc.name);
	};

	device.sync_was_asked = (name) => asked.add(name);

	function listen() {
		if (listens) return;
		listens = true;
		frappe.realtime.on("zkteco_sync_progress", (progress) => {
			if (is_shown(cur_frm, progress.device)) device.show_progress(cur_frm, progress);
		});
		frappe.realtime.on("zkteco_device_changed", ({ device: name }) => {
			if (is_shown(cur_frm, name)) look(cur_frm, name);
		});
	}

	function is_shown(frm, name) {
		const [view, doctype, docname] = frappe.get_route();
		return (
			view === "Form" &&
			doctype === SETTINGS &&
			docname === name &&
			cur_frm === frm &&
			frm?.doctype === SETTINGS &&
			frm.doc?.name === name
		);
	}

	function look(frm, name) {
		clearTimeout(timer);
		const look_again = (pause) => {
			clearTimeout(timer);
			timer = setTimeout(() => is_shown(frm, name) && look(frm, name), pause);
		};
		return ask(name)
			.then((state) => is_shown(frm, name) && take(frm, name, state, look_again))
			.catch(() => look_again(LATER));
	}

	// Not by frappe.call, which would show a dialog where it fails: nobody has asked for this.
	function ask(name) {
		const method = "zkteco_biometric.api.sync_state";
		return fetch(`/api/method/${method}?device=${encodeURIComponent(name)}`, {
			headers: { Accept: "application/json" },
		})
			.then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
			.then(({ message }) => message);
	}

	function take(frm, name, state, look_again) {
		frm.zkteco_cut_off = device.is_busy(state) && !state.busy;
		// Also where the document says nothing of it yet: the rest of a long sync waits, or its last turn is ending.
		if (state.busy) look_again(device.is_busy(state) || asked.has(name) ? SOON : LATER);
		if (state.busy && state.progress) device.show_progress(frm, state.progress);
		if (has_changed(frm, state))
			return reload(frm).then(() => state.busy || tell_whoever_asked(frm, name));
		if (state.overview)
			Object.assign((frm.doc.__onload ||= {}), {
				overview: state.overview,
				scheduler: state.scheduler,
			});
		device.show_header(frm);
		if (!state.busy) tell_whoever_asked(frm, name);
	}

	function has_changed(frm, { status, overview }) {
		if (status !== frm.doc.status) return true;
		return overview && JSON.stringify(overview) !== JSON.stringify(frm.doc.__onload?.overview);
	}

	// A person who is in the middle of typing keeps what they typed.
	function reload(frm) {
		return frm.is_dirty() ? Promise.resolve() : frm.reload_doc();
	}

	function tell_whoever_asked(frm, name) {
		if (!asked.has(name) || !is_shown(frm, name) || frm.is_dirty() || device.is_busy(frm.doc)) return;
		asked.delete(name);
		device.tell_outcome(frm.doc);
	}
})(frappe.zkteco_device);
