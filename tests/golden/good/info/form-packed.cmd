bouton info --plan --cpu x86-64-v3 --set plan.more=packed maps.btn | sed -n "/^layer more/,/memory/p"; bouton info --plan --set plan.top=packed maps.btn
