"""Figures of search: speed on both engines, and how alike they rank."""
