"""What people read of an import and on sheets of credentials, in their language."""

from pathlib import Path

from backend.core.errors import FileRefused
from backend.exchange.problems import ImportRefused
from push.wording import Texts
from schemas.problems import ImportProblem

texts = Texts(Path(__file__).parent / "texts")


def told(refused: ImportRefused, language: str) -> FileRefused:
    """The refusal as the API answers it. A code without a text of its own keeps the importer's English sentence."""

    def sentence(code: str, message: str) -> str:
        name = f"import-{code}"
        return texts.format(language, name) if texts.has(language, name) else message

    problems = [
        ImportProblem(
            file=item.file,
            row=item.row,
            column=item.column,
            code=item.code,
            message=sentence(item.code, item.message),
        )
        for item in refused.problems
    ]
    return FileRefused(problems, refused.total)
