// What forms of other apps show of ours: what a method tells of the document, and lines at their head.
// Frappe delivers it with the scripts of those forms (hooks.py).

frappe.provide("frappe.zkteco_form");

(function (form) {
	// Nothing where another document has been opened meanwhile.
	form.ask = function (frm, method, argument) {
		const { name } = frm.doc;
		return frappe
			.call({ method, type: "GET", args: { [argument]: name } })
			.then(({ message }) => (frm.doc.name === name ? message : null));
	};

	// Of our own: Frappe's only adds lines, and clearing it would take those of other apps away.
	form.head = function (frm) {
		const { message } = frm.layout;
		const ours = message.siblings(".zkteco-head");
		if (ours.length) return ours;
		return $(`<div class="form-message-container zkteco-head"></div>`).insertBefore(message);
	};
})(frappe.zkteco_form);
