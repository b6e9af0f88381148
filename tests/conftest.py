"""What all tests share: generated examples are the same on every machine, and no test is timed by its examples."""

from hypothesis import HealthCheck, settings

settings.register_profile(
	"tests",
	deadline=None,
	database=None,
	derandomize=True,
	suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
settings.register_profile("hunt", settings.get_profile("tests"), derandomize=False)
settings.load_profile("tests")
