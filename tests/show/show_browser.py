"""What do tests ask of a browser again and again?"""

from typing import Any


def wait_for(browser: Any, script: str, seconds: float = 20) -> None:
    """Wait until a script says yes."""
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, seconds, poll_frequency=0.02).until(lambda found: found.execute_script(script), script)
