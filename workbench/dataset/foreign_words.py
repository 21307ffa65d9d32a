"""The words that annotation spreadsheets in other languages use for columns and verdicts, in English."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_WORDS = {
    "pair": "paar paare paire par pares pareja coppia пара pár",
    "item": "objekt objet objeto oggetto elemento élément stimulus",
    "task": "aufgabe tâche tarea tarefa compito задание zadanie",
    "annotator": (
        "bewerter bewerterin annotatorin gutachter prüfer beurteiler évaluateur évaluatrice annotateur annotatrice juge"
        " evaluador evaluadora anotador anotadora avaliador avaliadora valutatore valutatrice annotatore аннотатор"
        " оценщик эксперт beoordelaar annotateur oceniający"
    ),
    "name": "nom nombre nome имя naam imię",
    "your": "ihr ihre dein votre su seu tuo",
    "question": "frage question pregunta pergunta domanda вопрос vraag pytanie",
    "prompt": "eingabe anweisung consigne instrucción instrução istruzione инструкция",
    "answer": "antwort réponse respuesta resposta risposta ответ antwoord odpowiedź",
    "judgement": "urteil bewertung jugement évaluation juicio evaluación avaliação giudizio valutazione оценка oordeel",
    "preferred": "bevorzugt bevorzugte préféré préférée preferida preferido preferita preferito предпочтение wybór",
    "preference": "präferenz préférence preferencia preferência preferenza voorkeur",
    "choice": "wahl auswahl choix elección escolha scelta выбор keuze",
    "score": "punkte punktzahl score puntuación pontuação punteggio балл",
    "better": "besser bessere meilleur meilleure mejor melhor migliore лучше beter lepszy lepsza",
    "which": "welche welcher welches quelle quel cuál qué qual quale какой какая welk",
    "is": "ist est é è",
    "timestamp": "zeitstempel horodateur",
    "seconds": "sekunden secondes segundos secondi секунды seconden",
    "duration": "dauer durée duración duração durata длительность duur",
    "tie": (
        "unentschieden gleich gleichwertig gleichstand égalité égal égaux empate igual iguales pari parità uguale"
        " uguali ничья одинаково gelijk remis"
    ),
    "left": "links gauche izquierda esquerda sinistra слева",
    "right": "rechts droite derecha direita destra справа",
    "slightly": "etwas leicht légèrement ligeramente ligeiramente leggermente немного",
    "much": "viel deutlich beaucoup nettement mucho muito molto намного гораздо",
    "good": "gut bonne bon buena buono хорошо",
}
_PHRASES = {"marca temporal": "timestamp", "carimbo de data/hora": "timestamp", "отметка времени": "timestamp"}
_SCRIPTS = {
    "timestamp": "タイムスタンプ 时间戳记 时间戳 時間戳記 타임스탬프 提交时间",
    "annotator": (
        "标注员 標註員 标注者 标注人 评分人 评价人 评估者 评估员 评审 評価者 評定者 作業者 アノテーター 평가자 작업자"
    ),
    "name": "お名前 名前 姓名 名字 이름 성명 氏名",
    "pair id": "ペア番号 题目编号 题号 项目编号",
    "id": "编号 编码 番号 번호 序号 識別子",
    "question": "提示词 問題 问题 質問 설문 질문 プロンプト 프롬프트",
    "which is better": "哪个更好 哪個更好 どちらが良い どちらの回答が良い",
    "answer ": "回答 答案 回复 回覆 応答 답변 응답",
    "preference": "偏好 选择 選択 선호 선택 胜者 判断 判定",
    "judgement": "評価 评价 评判 평가",
    "score": "评分 得分 分数 点数 점수 スコア",
    "pair": "ペア 组 쌍 対",
    "tie": "一样好 一样 平局 相同 差不多 同じ 引き分け 同等 동점 비슷 같음",
    " better": "更好 较好 が良い のほうが良い 더 좋음",
    "1": "一 ①",
    "2": "二 ②",
}
_OF_WORD = {
    unicodedata.normalize("NFKD", word).casefold(): english
    for english, words in _WORDS.items()
    for word in words.split()
}
_OF_SIGN = sorted(
    ((s, english) for english, signs in _SCRIPTS.items() for s in signs.split()), key=lambda p: -len(p[0])
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@cache
def in_english(text: str) -> str:
    """The text with the words known here in English, others as they are.

    >>> in_english("Welche Antwort ist besser?"), in_english("A更好"), in_english("Évaluateur"), in_english("label")
    ('which answer is better?', 'A better', 'annotator', 'label')
    """
    if text.isascii() and not _latin(text):
        return text
    plain = text.casefold() if any(phrase in text.casefold() for phrase in _PHRASES) else text
    for phrase, english in _PHRASES.items():
        plain = plain.replace(phrase, english)
    if _CJK.search(plain):
        for sign, english in _OF_SIGN:
            plain = plain.replace(sign, f" {english} ")
        plain = " ".join(plain.split())
    return re.sub(r"[^\W\d_]+", lambda m: _OF_WORD.get(unicodedata.normalize("NFKD", m[0]).casefold(), m[0]), plain)


def _latin(text: str) -> bool:
    return any(word.casefold() in _OF_WORD for word in re.findall(r"[A-Za-z]+", text))
