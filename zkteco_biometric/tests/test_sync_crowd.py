"""Many people and many punches, on a real site."""

from datetime import timedelta

import frappe

from zkteco_biometric.tests.support import DeviceTestCase, lately


class TestAThousandPunches(DeviceTestCase):
	CODES = tuple(str(9000 + number) for number in range(500))
	CROWD = True

	def test_2000_punches_of_500_people_become_check_ins_once(self):
		began = lately(20)
		device = self.make_device(sync_from=began)
		for hour, state in ((1, "0"), (6, "1"), (11, "0"), (16, "1")):
			for second, code in enumerate(self.CODES):
				self.sim.store.punch(code, began + timedelta(hours=hour, seconds=second), state)
		result = self.sync(device)
		self.assertEqual(result.counters.as_dict()["created"], 2000)
		self.assertEqual(result.pages, 4)
		self.assertEqual(len(self.asked_by_time()), 4)
		rows = self.check_ins("employee", "time", "log_type")
		self.assertEqual(len({(row.employee, row.time) for row in rows}), 2000)
		self.assertEqual({row.log_type for row in rows}, {"IN", "OUT"})
		device.sync_from = began - timedelta(days=10)
		device.save()
		frappe.db.commit()
		again = self.sync(device)
		self.assertEqual((again.counters.created, again.counters.duplicate), (0, 2000))
		self.assertEqual(len(self.check_ins()), 2000)
