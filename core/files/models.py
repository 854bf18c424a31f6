"""The table of stored files; the bytes lie in ``files/<aa>/<id>`` of the data folder."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, UuidKey


class File(Base):
    """One stored file; never changed, so its hash stays true."""

    __tablename__ = "file"

    id: Mapped[UuidKey]
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    uploaded_by: Mapped[str] = mapped_column(Text, index=True)
    uploaded_at: Mapped[dt.datetime]
