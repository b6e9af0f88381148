// Desk scripts run in the browser with Frappe's globals.

const desk = [
	"frappe",
	"__",
	"cur_frm",
	"cur_list",
	"$",
	"setTimeout",
	"clearTimeout",
	"fetch",
	"Set",
	"JSON",
	"Promise",
	"document",
	"window",
];

export default [
	{
		files: ["zkteco_biometric/**/*.js"],
		languageOptions: {
			ecmaVersion: 2022,
			sourceType: "script",
			globals: Object.fromEntries(desk.map((name) => [name, "readonly"])),
		},
		rules: {
			eqeqeq: "error",
			"no-undef": "error",
			"no-unused-vars": "error",
			"no-var": "error",
			"prefer-const": "error",
		},
	},
];
