"""The part of an account that concerns the person's own storage: a test that names what is missing, and permissions for copying."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Optional, Type

from qgis.PyQt.QtWidgets import QApplication, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from ..providers.base import Account, Provider
from ..providers.errors import ServiceProblem
from ..providers.object_storage import DELETE, WRITE, Probe
from .sentence import ERROR, INFO, SUCCESS, WARNING, Sentence
from .session import Session
from .words import translate


def delivers_to_storage(kind: Type[Provider]) -> bool:
    """Whether a service puts results into the person's own bucket."""
    return hasattr(kind, "test_storage")


class StorageTest(QWidget):
    """Two buttons and what came of them. `account` gives what is on the form, None after saying what is wrong with it."""

    def __init__(self, session: Session, account: Callable[[], Optional[Account]], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session = session
        self._account = account
        self._ticket = 0
        self.button = QPushButton(translate("Groundtrack", "Test Storage"), self)
        self.button.setToolTip(translate("Groundtrack", "Write, list, read and delete a small file where results will go"))
        self.copy_button = QToolButton(self)
        self.copy_button.setText(translate("Groundtrack", "Copy Policy"))
        self.copy_button.setToolTip(translate("Groundtrack", "Texts that give the service the permissions it needs in your bucket"))
        self.copy_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.copy_button)
        self.rights_action = menu.addAction(translate("Groundtrack", "What the Role May Do (Permissions Policy)"))
        self.trust_action = menu.addAction(translate("Groundtrack", "Who May Take the Role (Trust Policy)"))
        self.copy_button.setMenu(menu)
        self.result = Sentence(self)
        buttons = QHBoxLayout()
        buttons.addWidget(self.button, 1)
        buttons.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(buttons)
        column.addWidget(self.result)
        self.button.clicked.connect(self.test)
        self.rights_action.triggered.connect(lambda: self._copy(0))
        self.trust_action.triggered.connect(lambda: self._copy(1))

    def test(self) -> None:
        """Try everything that the account needs to do with its storage."""
        account = self._account()
        if account is None:
            return
        self.button.setEnabled(False)
        self.result.say(translate("Groundtrack", "Writing, listing, reading and deleting a small file…"), INFO)
        self._session.drop(self._ticket)
        told = partial(self._tell, has_role=bool(account.value("s3_role_arn")))
        self._ticket = self._session.ask(self, account, _test, told, self._complain)

    def stop(self) -> None:
        """The answer is no longer wanted."""
        self._session.drop(self._ticket)

    def _tell(self, probe: Probe, has_role: bool) -> None:
        self.button.setEnabled(True)
        done = "; ".join(probe.lines)
        if probe.good:
            self.result.say(translate("Groundtrack", "The storage works ({}).").format(done), SUCCESS)
            return
        if has_role and not set(probe.missing) - {WRITE.s3, DELETE.s3}:
            text = translate(
                "Groundtrack",
                "The role delivers; with what this account reads by, {}. Writing is needed for very long scripts and for this test only.",
            )
            self.result.say(text.format(done), WARNING)
            return
        text = translate(
            "Groundtrack", "Missing permissions: {missing} ({done}). Add them to the policy of the key or role that reads here."
        )
        self.result.say(text.format(missing=", ".join(probe.missing), done=done), ERROR)

    def _complain(self, error: Exception) -> None:
        self.button.setEnabled(True)
        self.result.say(str(error), ERROR)

    def _copy(self, which: int) -> None:
        account = self._account()
        if account is None:
            return
        provider: Any = self._session.provider(account)
        try:
            text = provider.policies()[which]
        except ServiceProblem as problem:
            self.result.say(str(problem), ERROR)
            return
        QApplication.clipboard().setText(text)
        self.result.say(translate("Groundtrack", "The policy was copied. Paste it into the role’s page at the storage."), INFO)


def _test(provider: Any) -> Probe:
    probe: Probe = provider.test_storage()
    return probe
